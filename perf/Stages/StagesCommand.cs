using System.CommandLine;
using System.Runtime.Versioning;
using GpuCrypt.Host.Benchmark;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;
using GpuCrypt.Kernels.Devices.Cpu;
using GpuCrypt.Perf.Floor;

namespace GpuCrypt.Perf.Stages;

/// <summary>
/// Where an encryption's time goes on AVX-512, and why: each stage by itself, in data that fits the first-level cache, beside what its
/// instructions allow by their number and by their dependencies; then the same batch in more and more memory.
/// </summary>
internal static class StagesCommand
{
    public const string Name = "stages";

    // Of a group: sixteen rows whose hashes are made at once.
    private const int Rows = 16;

    public static RootCommand Create()
    {
        var dimension = new Option<int>("--dimension") { Description = "The dimension.", DefaultValueFactory = _ => 1536 };
        dimension.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 64 or > 8192)
                result.AddError("--dimension: expected 64 to 8192.");
        });
        var command = new RootCommand("Show where the time of an encryption goes on one core with AVX-512.") { dimension };
        command.SetAction(result =>
        {
            if (!OperatingSystem.IsLinux() || !CpuPaths.IsSupported(CpuPath.Vector512))
            {
                result.InvocationConfiguration.Error.WriteLine("stages: expected Linux on a processor with AVX-512 (F, BW, DQ, VL)");
                return 1;
            }

            Run(result.InvocationConfiguration.Output, result.GetValue(dimension));
            return 0;
        });
        return command;
    }

    [SupportedOSPlatform("linux")]
    private static void Run(TextWriter output, int dimension)
    {
        string[] machine = [.. Machine.Read().Lines()];
        ThreadClock.Pin();
        foreach (string line in machine)
            output.WriteLine($"- {line}");
        InstructionTimes times = InstructionTimes.Measure();
        output.WriteLine($"- Clock: {1e-9 / times.SecondsPerCycle:F2} GHz");
        output.WriteLine($"- Command: dotnet run -c Release --project perf -- {Name} --dimension {dimension}");
        output.WriteLine();
        output.WriteLine("| 512-bit instruction | latency, cycles | cycles each, side by side |");
        output.WriteLine("|---|---:|---:|");
        output.WriteLine($"| addition | {times.Add.Latency:F1} | {times.Add.Throughput:F2} |");
        output.WriteLine($"| rotation | {times.Rotate.Latency:F1} | {times.Rotate.Throughput:F2} |");
        output.WriteLine($"| function of three operands | {times.Ternary.Latency:F1} | {times.Ternary.Throughput:F2} |");
        output.WriteLine($"| load from the first-level cache | | {times.Load:F2} |");
        output.WriteLine();
        WriteStages(output, times, dimension);
        output.WriteLine();
        WriteMemory(output, dimension);
    }

    [SupportedOSPlatform("linux")]
    private static void WriteStages(TextWriter output, InstructionTimes times, int dimension)
    {
        using IVectorDevice device = DeviceCatalog.Open("cpu:vector512", 1);
        using var keys = new BenchmarkKeys();
        using var workload = new Workload(device, keys, BatchOperation.Encrypt, IvSource.Random, dimension, Rows);
        double whole = Repeated.Seconds(workload.Run) / Rows / times.SecondsPerCycle;
        output.WriteLine($"| stage, d = {dimension} | cycles a vector | of the whole | unit | cycles a unit | by the number of its instructions | by their dependencies |");
        output.WriteLine("|---|---:|---:|---|---:|---:|---:|");
        double sum = 0;
        foreach (Stage stage in EncryptionStages.Of(times, dimension))
        {
            double unit = Repeated.Seconds(stage.Run) / stage.UnitsOfRun / times.SecondsPerCycle, vector = unit * stage.UnitsOfVector;
            sum += vector;
            output.WriteLine($"| {stage.Name} | {vector:N0} | {100 * vector / whole:F0} % | {stage.Unit} | {unit:F1} | {Bound(stage.ByNumber)} | {Bound(stage.ByDependency)} |");
        }

        output.WriteLine($"| the rest: norms, slow draws, headers, claims | {whole - sum:N0} | {100 * (whole - sum) / whole:F0} % | | | | |");
        output.WriteLine($"| an encryption | {whole:N0} | 100 % | | | | |");
    }

    private static string Bound(double cycles) => cycles > 0 ? $"{cycles:F1}" : "";

    /// <summary>The same operation over batches that leave one cache after the other.</summary>
    [SupportedOSPlatform("linux")]
    private static void WriteMemory(TextWriter output, int dimension)
    {
        using IVectorDevice device = DeviceCatalog.Open("cpu:vector512", 1);
        using var keys = new BenchmarkKeys();
        output.WriteLine("| rows of a batch | MiB in and out | ns a vector |");
        output.WriteLine("|---:|---:|---:|");
        foreach (int rows in (int[])[16, 64, 256, 1024, 4096, 16384])
        {
            using var workload = new Workload(device, keys, BatchOperation.Encrypt, IvSource.Random, dimension, rows);
            output.WriteLine($"| {rows} | {8.0 * rows * dimension / (1 << 20):F1} | {Repeated.Seconds(workload.Run) / rows * 1e9:N0} |");
        }
    }
}
