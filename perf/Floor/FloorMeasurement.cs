using System.Runtime.Versioning;
using GpuCrypt.Host.Benchmark;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Perf.Floor;

/// <summary>Measures devices and OpenSSL in turns, on the calling thread and its core, which must be pinned.</summary>
internal static class FloorMeasurement
{
    // Long enough for the runtime to have compiled the inner loops for good.
    private const double LeastWarmUp = 0.3;

    /// <summary>What is measured, encryption with random IVs first.</summary>
    public static IReadOnlyList<(BatchOperation Operation, IvSource Ivs)> Operations { get; } =
    [
        (BatchOperation.Encrypt, IvSource.Random),
        (BatchOperation.Encrypt, IvSource.Synthetic),
        (BatchOperation.EncryptOneWay, IvSource.Random),
        (BatchOperation.Decrypt, IvSource.Random),
        (BatchOperation.Rotate, IvSource.Random),
    ];

    /// <summary>Measures one dimension: in each round a slice of OpenSSL, then one of every operation at every number of rows on every device.</summary>
    /// <returns>The figures, by device, then rows, then operation.</returns>
    /// <exception cref="DeviceException">A device failed, or a row did.</exception>
    [SupportedOSPlatform("linux")]
    public static IReadOnlyList<FloorFigure> Measure(IReadOnlyList<IVectorDevice> devices, FloorOptions options, int dimension)
    {
        var figures = new List<FloorFigure>();
        var workloads = new List<Workload>();
        double[] floor = new double[options.Repeats];
        using var keys = new BenchmarkKeys();
        try
        {
            foreach (IVectorDevice device in devices)
            {
                foreach (int rows in options.Rows)
                {
                    double[] encrypt = new double[options.Repeats];
                    foreach ((BatchOperation operation, IvSource ivs) in Operations)
                    {
                        workloads.Add(new Workload(device, keys, operation, ivs, dimension, rows));
                        bool first = (operation, ivs) == Operations[0];
                        figures.Add(new FloorFigure(device.Description, rows, dimension, operation, ivs, first ? encrypt : new double[options.Repeats], floor, encrypt));
                    }
                }
            }

            foreach (Workload workload in workloads)
                Slice(workload, Math.Max(options.Slice, LeastWarmUp));
            for (int repeat = 0; repeat < options.Repeats; repeat++)
            {
                floor[repeat] = OpenSsl.ChaCha20(8 * dimension) + OpenSsl.HmacSha256(4 * dimension);
                for (int i = 0; i < workloads.Count; i++)
                    figures[i].Seconds[repeat] = Slice(workloads[i], options.Slice);
            }
        }
        finally
        {
            foreach (Workload workload in workloads)
                workload.Dispose();
        }

        return figures;
    }

    [SupportedOSPlatform("linux")]
    private static double Slice(Workload workload, double length)
    {
        double start = ThreadClock.Now(), now;
        long vectors = 0;
        // A look at the clock is a system call of 0.4 µs, a fifth of a short row: one for so many rows.
        int runs = Math.Max(1, 256 / workload.Rows);
        do
        {
            for (int run = 0; run < runs; run++)
                workload.Run();
            vectors += (long)runs * workload.Rows;
            now = ThreadClock.Now();
        }
        while (now - start < length);

        workload.Check();
        return (now - start) / vectors;
    }
}
