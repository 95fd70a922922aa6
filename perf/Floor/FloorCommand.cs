using System.CommandLine;
using System.Runtime.Versioning;
using GpuCrypt.Host.Benchmark;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Perf.Floor;

/// <summary>
/// Vectors a second of every operation beside the floor: what OpenSSL needs for the same random stream (ChaCha20 over 8 bytes an element)
/// and the same tag (HMAC-SHA256 over 4 bytes an element). One thread on one core; OpenSSL and the device take turns, slice by slice, so
/// that both see the same machine; medians of the slices.
/// </summary>
internal static class FloorCommand
{
    public const string Name = "floor";

    private static readonly (string Name, BatchOperation Operation, IvSource Ivs)[] Operations =
    [
        ("encrypt", BatchOperation.Encrypt, IvSource.Random),
        ("encrypt, synthetic IV", BatchOperation.Encrypt, IvSource.Synthetic),
        ("one-way", BatchOperation.EncryptOneWay, IvSource.Random),
        ("decrypt", BatchOperation.Decrypt, IvSource.Random),
        ("rotate", BatchOperation.Rotate, IvSource.Random),
    ];

    public static RootCommand Create()
    {
        var device = new Option<string>("--device") { Description = "The device.", DefaultValueFactory = _ => "cpu" };
        var dimensions = new Option<int[]>("--dimension")
        {
            Description = "Dimensions.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [384, 768, 1536, 3072],
        };
        var rows = new Option<int>("--rows") { Description = "Rows of a batch.", DefaultValueFactory = _ => 64 };
        var repeats = new Option<int>("--repeats") { Description = "Slices of each figure.", DefaultValueFactory = _ => 5 };
        var slice = new Option<double>("--slice") { Description = "Seconds of processor time of a slice; OpenSSL's are one second.", DefaultValueFactory = _ => 0.2 };
        AtLeast(rows, value => value >= 1);
        AtLeast(repeats, value => value >= 1);
        AtLeast(slice, value => value >= 0.01);
        AtLeast(dimensions, values => values.All(value => value >= 1));

        var command = new RootCommand("Compare a CPU device with OpenSSL on one core.") { device, dimensions, rows, repeats, slice };
        command.SetAction(result =>
        {
            if (!OperatingSystem.IsLinux())
                throw new PlatformNotSupportedException("the floor is measured on Linux, by processor time of a pinned thread");
            Run(
                result.InvocationConfiguration.Output,
                result.GetValue(device)!,
                result.GetValue(dimensions)!,
                result.GetValue(rows),
                result.GetValue(repeats),
                result.GetValue(slice));
        });
        return command;
    }

    private static void AtLeast<T>(Option<T> option, Predicate<T> holds) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<T>() is { } value && !holds(value))
            result.AddError($"{option.Name}: the value is too small.");
    });

    [SupportedOSPlatform("linux")]
    private static void Run(TextWriter output, string deviceName, int[] dimensions, int rows, int repeats, double slice)
    {
        string[] machine = [.. Machine.Read().Lines()];
        // One thread: a device with one worker does a batch on the thread that asks for it.
        using IVectorDevice device = DeviceCatalog.Open(deviceName, 1);
        int core = ThreadClock.Pin();
        foreach (string line in machine)
            output.WriteLine($"- {line}");
        output.WriteLine($"- OpenSSL: {OpenSsl.Version()}");
        output.WriteLine($"- Device: {device.Description.Name}, {device.Description.Detail}; one thread on core {core}, batches of {rows} rows, medians of {repeats} slices, times are processor time");
        output.WriteLine($"- Command: dotnet run -c Release --project perf -- {Name} --device {deviceName} --rows {rows} --repeats {repeats} --slice {slice} --dimension {string.Join(' ', dimensions)}");
        output.WriteLine();
        output.WriteLine("| d | operation | vectors/s | µs a vector | floor, µs | times the floor | lowest to highest | times encrypt |");
        output.WriteLine("|---:|---|---:|---:|---:|---:|---:|---:|");
        foreach (int dimension in dimensions)
            WriteDimension(output, Measure(device, dimension, rows, repeats, slice), dimension);
    }

    /// <summary>Seconds a vector, by operation and slice; the floor comes last.</summary>
    [SupportedOSPlatform("linux")]
    private static double[][] Measure(IVectorDevice device, int dimension, int rows, int repeats, double slice)
    {
        double[][] seconds = [.. Enumerable.Range(0, Operations.Length + 1).Select(_ => new double[repeats])];
        using var keys = new BenchmarkKeys();
        Workload[] workloads = [.. Operations.Select(o => new Workload(device, keys, o.Operation, o.Ivs, dimension, rows))];
        try
        {
            // Long enough for the runtime to have compiled the inner loops for good.
            foreach (Workload workload in workloads)
                Slice(workload, rows, Math.Max(slice, 0.3));
            for (int repeat = 0; repeat < repeats; repeat++)
            {
                seconds[^1][repeat] = OpenSsl.ChaCha20(8 * dimension) + OpenSsl.HmacSha256(4 * dimension);
                for (int i = 0; i < workloads.Length; i++)
                    seconds[i][repeat] = Slice(workloads[i], rows, slice);
            }
        }
        finally
        {
            foreach (Workload workload in workloads)
                workload.Dispose();
        }

        return seconds;
    }

    [SupportedOSPlatform("linux")]
    private static double Slice(Workload workload, int rows, double length)
    {
        // A look at the clock is a system call of 0.4 µs, a fifth of a short row: one for so many rows.
        int runs = Math.Max(1, 256 / rows);
        double start = ThreadClock.Now(), now;
        long vectors = 0;
        do
        {
            for (int run = 0; run < runs; run++)
                workload.Run();
            vectors += (long)runs * rows;
            now = ThreadClock.Now();
        }
        while (now - start < length);

        workload.Check();
        return (now - start) / vectors;
    }

    private static void WriteDimension(TextWriter output, double[][] seconds, int dimension)
    {
        double floor = Median.Of(seconds[^1]), encrypt = Median.Of(seconds[0]);
        for (int i = 0; i < Operations.Length; i++)
        {
            double median = Median.Of(seconds[i]);
            double[] ratios = [.. seconds[i].Zip(seconds[^1], (ours, theirs) => ours / theirs)];
            output.WriteLine(
                $"| {dimension} | {Operations[i].Name} | {1 / median:N0} | {median * 1e6:F2} | {floor * 1e6:F2} | {median / floor:F2} | {ratios.Min():F2} to {ratios.Max():F2} | {median / encrypt:F2} |");
        }
    }
}
