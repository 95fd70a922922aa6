using System.CommandLine;
using GpuCrypt.Kernels.Conformance;
using GpuCrypt.Kernels.Devices;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Host.Commands;

/// <summary>
/// <c>gpucrypt selftest</c>: holds devices of this machine against test vectors, bit for bit. Every file is read and checked before the
/// first device works, so a broken one costs no half-done run.
/// </summary>
internal static class SelftestCommand
{
    private const string AllDevices = "all";

    public static Command Create()
    {
        var device = new Option<string>("--device")
        {
            Description = "The device to check: auto, a name from 'gpucrypt devices', or all.",
            HelpName = "NAME",
            DefaultValueFactory = _ => DeviceCatalog.Auto,
        };
        var vectors = new Option<string[]>("--vectors")
        {
            Description = "Files of test vectors in JSON lines, instead of the built-in ones. May be given several times.",
            HelpName = "FILE",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = true,
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON object a line: file, device, vectors, mismatches, first_mismatch." };
        var command = new Command(
            "selftest",
            "Check that a device gives the format's bits: encrypt and decrypt test vectors and compare. Exit code 1 when a vector differs.")
        {
            device, vectors, json,
        };
        command.SetAction(result =>
            Run(result.GetValue(device)!, result.GetValue(vectors) ?? [], result.GetValue(json), result.InvocationConfiguration.Output));
        return command;
    }

    private static int Run(string device, string[] paths, bool json, TextWriter output)
    {
        string[] devices = device == AllDevices ? [.. DeviceCatalog.List().Select(d => d.Name)] : [device];
        foreach (string name in devices)
            Open(name).Dispose();
        ConformanceFile[] files = paths.Length == 0 ? [.. ConformanceFile.BuiltIn()] : [.. paths.Select(Read)];
        int fileWidth = files.Max(f => f.Name.Length);
        int deviceWidth = DeviceCatalog.List().Max(d => d.Name.Length);
        long mismatches = 0;
        string last = "";
        foreach (string name in devices)
        {
            using IVectorDevice opened = Open(name);
            last = opened.Description.Name;
            foreach (ConformanceFile file in files)
            {
                ConformanceResult result = ConformanceCheck.Run(opened, file);
                mismatches += result.Mismatches;
                if (json)
                    WriteJson(output, result);
                else
                    WriteLine(output, result, deviceWidth, fileWidth);
            }
        }

        if (!json)
        {
            string where = devices.Length == 1 ? last : $"each of {devices.Length} devices";
            string what = $"{Count(files.Sum(f => (long)f.Vectors.Count), "vector")} of {Count(files.Length, "file")} on {where}";
            output.WriteLine($"{(mismatches == 0 ? "passed" : "FAILED")}: {what}, {Count(mismatches, "mismatch")}");
        }

        return mismatches == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static IVectorDevice Open(string name)
    {
        try
        {
            return DeviceCatalog.Open(name);
        }
        catch (DeviceException e)
        {
            throw CommandFailedException.Usage(e.Message);
        }
    }

    private static ConformanceFile Read(string path)
    {
        try
        {
            using var reader = new StreamReader(path);
            ConformanceFile file = ConformanceFile.Read(path, reader);
            // Parameters that make no key are the file's fault too, and found here rather than half-way.
            using VectorKey key = file.DeriveKey();
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            string reason = e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : Directory.Exists(path) ? "it is a directory" : e.Message;
            throw CommandFailedException.Usage($"cannot read the vector file {path}: {reason}");
        }
        catch (FormatException e)
        {
            throw CommandFailedException.Usage($"not a file of test vectors: {e.Message}");
        }
    }

    private static void WriteLine(TextWriter output, ConformanceResult result, int deviceWidth, int fileWidth)
    {
        string first = result.FirstMismatch is null ? "" : $"  first: {result.FirstMismatch}";
        output.WriteLine(
            $"{result.Device.PadRight(deviceWidth)}  {result.File.PadRight(fileWidth)}  {Count(result.Vectors, "vector"),12}  {Count(result.Mismatches, "mismatch"),12}{first}");
    }

    private static void WriteJson(TextWriter output, ConformanceResult result) => JsonLine.Write(output, json =>
    {
        json.WriteString("file", result.File);
        json.WriteString("device", result.Device);
        json.WriteNumber("vectors", result.Vectors);
        json.WriteNumber("mismatches", result.Mismatches);
        json.WriteString("first_mismatch", result.FirstMismatch);
    });

    private static string Count(long count, string noun) =>
        count == 1 ? $"1 {noun}" : $"{count} {noun}{(noun.EndsWith("ch", StringComparison.Ordinal) ? "es" : "s")}";
}
