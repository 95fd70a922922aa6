using System.Diagnostics;
using System.Runtime.Versioning;

namespace GpuCrypt.Host.Tests.Build;

/// <summary>build.sh in a folder of its own, on a PATH of stand-ins: nothing is installed, restored or built, and every call is written down.</summary>
[SupportedOSPlatform("linux")]
internal sealed class BuildScriptRig : IDisposable
{
    private static readonly string[] _realTools = ["bash", "cat", "cut", "dirname", "env", "grep", "id", "mkdir", "paste", "rm", "rmdir", "sed", "sh", "tail", "timeout", "touch"];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gpucrypt-build-");

    public BuildScriptRig()
    {
        string repository = FindRepository();
        Directory.CreateDirectory(Tools);
        Directory.CreateDirectory(Root);
        foreach (string file in (string[])["build.sh", "Directory.Packages.props", "ConfluentKafka.props"])
        {
            File.Copy(Path.Combine(repository, file), Path.Combine(Root, file));
        }

        // The one thing build.sh looks for outside the PATH.
        string script = Path.Combine(Root, "build.sh");
        File.WriteAllText(script, File.ReadAllText(script).Replace("/usr/share/java/", $"{Tools}/", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(Tools, "hdrhistogram.jar"), "");

        foreach (string tool in _realTools)
        {
            string real = ((string[])["/usr/bin", "/bin"]).Select(folder => Path.Combine(folder, tool)).First(File.Exists);
            File.CreateSymbolicLink(Path.Combine(Tools, tool), real);
        }

        StandIn("dotnet", """
            case $1 in
                --version) echo "${SDK_VERSION:-10.0.401}"; exit "${SDK_STATUS:-0}" ;;
                --list-sdks) echo '8.0.100 [/somewhere]' ;;
                restore) echo "$RESTORE_OUTPUT"; exit "${RESTORE_STATUS:-0}" ;;
                cake) echo 'build output'; [ -z "$SUMMARY" ] || { mkdir -p artifacts/tests; echo "$SUMMARY" >artifacts/tests/summary.txt; }; exit "${CAKE_STATUS:-0}" ;;
                *.dll) echo 'program output'; exit "${PROGRAM_STATUS:-0}" ;;
            esac
            """);
        // librdkafka1 is there once it has been "installed".
        StandIn("ldconfig", $"echo 'libssl.so.3 (libc6,x86-64) => /somewhere'; [ ! -e '{InstalledMark}' ] || echo 'librdkafka.so.1 (libc6,x86-64) => /somewhere'");
        StandIn("apt-get", $"case \"$*\" in *install*) [ -n \"$APT_BROKEN\" ] && exit 100; touch '{InstalledMark}' ;; esac");
        StandIn("java", "");
        StandIn("kcat", "");
        StandIn("openssl", "");
    }

    public string Root => Path.Combine(_folder.FullName, "repository");

    /// <summary>What build.sh keeps of the NuGet sources' answer; null when it keeps none.</summary>
    public string? KeptAnswer => File.Exists(Path.Combine(Root, "Sources.props")) ? File.ReadAllText(Path.Combine(Root, "Sources.props")) : null;

    /// <summary>Every call of a stand-in so far, with its arguments.</summary>
    public string[] Calls => File.Exists(CallLog) ? File.ReadAllLines(CallLog) : [];

    private string Tools => Path.Combine(_folder.FullName, "tools");

    private string CallLog => Path.Combine(_folder.FullName, "calls");

    private string InstalledMark => Path.Combine(_folder.FullName, "installed");

    public void InstallLibrdkafka() => File.WriteAllText(InstalledMark, "");

    public void Remove(string tool) => File.Delete(Path.Combine(Tools, tool));

    /// <summary>Puts a shell script in the place of a tool.</summary>
    public void StandIn(string tool, string script)
    {
        string path = Path.Combine(Tools, tool);
        File.Delete(path);
        File.WriteAllText(path, $"#!/bin/sh\necho \"{tool} $*\" >>'{CallLog}'\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public void BecomeUser(int id) => StandIn("id", $"echo {id}");

    /// <summary>Runs build.sh from a folder that is not the repository's, with the sources' answer given unless told otherwise.</summary>
    public Result Run(string arguments, bool answerGiven = true, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Path.Combine(Tools, "bash"))
        {
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(Root, "build.sh"));
        foreach (string argument in arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        start.Environment["PATH"] = Tools;
        if (answerGiven)
        {
            start.Environment["KafkaRedist"] = "false";
            start.Environment["Ilgpu"] = "false";
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromSeconds(60)))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"build.sh {arguments} did not end within 60 s");
        }

        return new Result(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static string FindRepository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "build.sh")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"no build.sh above {AppContext.BaseDirectory}");
    }

    internal sealed record Result(int ExitCode, string Output, string Error);
}
