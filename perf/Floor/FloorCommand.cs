using System.CommandLine;
using System.Runtime.Versioning;
using GpuCrypt.Host.Benchmark;
using GpuCrypt.Host.Commands;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Perf.Floor;

/// <summary>
/// Vectors a second of every operation beside the floor: what OpenSSL needs for the same random stream (ChaCha20 over 8 bytes an element)
/// and the same tag (HMAC-SHA256 over 4 bytes an element). One thread on one core; OpenSSL and the devices take turns, slice by slice, so
/// that all see the same machine; medians of the slices.
/// </summary>
internal static class FloorCommand
{
    public const string Name = "floor";

    public static RootCommand Create()
    {
        var devices = new Option<string[]>("--device")
        {
            Description = "CPU devices, compared in one run: cpu, cpu:vector512, cpu:vector256, cpu:portable, cpu:scalar.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => ["cpu"],
        };
        var dimensions = new Option<int[]>("--dimension")
        {
            Description = "Dimensions.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [.. BenchmarkOptions.DefaultDimensions],
        };
        var rows = new Option<int[]>("--rows")
        {
            Description = "Rows of a batch; 1 is the latency of a lone vector, 64 or more the rate of many.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [64],
        };
        var repeats = new Option<int>("--repeats") { Description = "Slices of each figure.", DefaultValueFactory = _ => 5 };
        var slice = new Option<double>("--slice") { Description = "Seconds of processor time of a slice; OpenSSL's are one second.", DefaultValueFactory = _ => 0.2 };
        var chart = new Option<string?>("--chart") { Description = "Draw the figures into this file, SVG." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object a figure instead of the table." };
        dimensions.Require(values => values.All(value => value is >= 1 and <= VectorBatch.MaximumDimension), $"is a number from 1 to {VectorBatch.MaximumDimension}");
        rows.Require(values => values.All(value => value is >= 1 and <= 65536), "is a number from 1 to 65536");
        repeats.Require(value => value >= 1, "is a number, at least 1");
        slice.Require(value => value is >= 0.01 and <= 60, "is a number from 0.01 to 60");
        // Known after the measurement, minutes later, a missing folder would cost all of it.
        chart.Require(path => path is null || Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))), "is a file in a folder that is there");

        var command = new RootCommand("Compare CPU devices with OpenSSL on one core.") { devices, dimensions, rows, repeats, slice, chart, json };
        command.SetAction(result =>
        {
            if (!OperatingSystem.IsLinux())
                throw new PlatformNotSupportedException("the floor is measured on Linux, by processor time of a pinned thread");
            var options = new FloorOptions(
                [.. result.GetValue(devices)!.Distinct()],
                [.. result.GetValue(rows)!.Distinct()],
                [.. result.GetValue(dimensions)!.Distinct()],
                result.GetValue(repeats),
                result.GetValue(slice));
            Run(result.InvocationConfiguration.Output, options, result.GetValue(chart), result.GetValue(json));
        });
        return command;
    }

    [SupportedOSPlatform("linux")]
    private static void Run(TextWriter output, FloorOptions options, string? chart, bool json)
    {
        var machine = Machine.Read();
        string openSsl = OpenSsl.Version();
        var devices = new List<IVectorDevice>();
        try
        {
            // One thread: a device with one worker does a batch on the thread that asks for it.
            foreach (string name in options.Devices)
                devices.Add(DeviceCatalog.Open(name, 1));
            int core = ThreadClock.Pin();
            if (!json)
            {
                foreach (string line in machine.Lines())
                    output.WriteLine($"- {line}");
                output.WriteLine($"- OpenSSL: {openSsl}");
                output.WriteLine($"- {(devices.Count == 1 ? "Device" : "Devices")}: {string.Join("; ", devices.Select(d => $"{d.Description.Name}, {d.Description.Detail}"))}; one thread on core {core}, medians of {options.Repeats} slices, times are processor time");
                output.WriteLine($"- Command: {options.CommandLine}");
                output.WriteLine();
                FloorReport.WriteHead(output);
            }

            var figures = new List<FloorFigure>();
            foreach (int dimension in options.Dimensions)
            {
                IReadOnlyList<FloorFigure> measured = FloorMeasurement.Measure(devices, options, dimension);
                figures.AddRange(measured);
                foreach (FloorFigure figure in measured)
                {
                    if (json)
                        FloorReport.WriteJson(output, figure, options, machine, openSsl);
                    else
                        FloorReport.WriteLine(output, figure);
                }
            }

            if (chart is not null)
                FloorChart.Save(chart, figures, [.. machine.Lines(), $"OpenSSL: {openSsl}", options.CommandLine]);
        }
        finally
        {
            foreach (IVectorDevice device in devices)
                device.Dispose();
        }
    }
}
