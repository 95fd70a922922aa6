using GpuCrypt.Host.Service;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Host.Benchmark;

/// <summary>What is measured: every operation at every dimension, one figure each.</summary>
internal sealed record BenchmarkOptions
{
    /// <summary>The dimensions measured unless others are named: those of widely used embedding models.</summary>
    public static IReadOnlyList<int> DefaultDimensions { get; } = [384, 768, 1536, 3072];

    /// <summary>What is done.</summary>
    public IReadOnlyList<BatchOperation> Operations { get; init; } = BenchmarkOperations.All;

    /// <summary>The elements of a vector.</summary>
    public IReadOnlyList<int> Dimensions { get; init; } = DefaultDimensions;

    /// <summary>Worker threads of a CPU device; null for one a core.</summary>
    public int? Threads { get; init; }

    /// <summary>Rows of a batch; null for as many as a batch of the service holds.</summary>
    public int? Batch { get; init; }

    /// <summary>Where IVs come from when rows are encrypted or rotated.</summary>
    public IvSource Ivs { get; init; } = IvSource.Random;

    /// <summary>The time measured for each figure, beside its warm-up.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The rows of a batch at a dimension: as given, or as many as the service's default batch holds.</summary>
    public int Rows(int dimension)
    {
        var service = new BatchSettings();
        return Batch ?? Math.Clamp(service.Bytes / sizeof(float) / Padded(dimension), 1, service.Rows);
    }

    /// <summary>Where an operation's IVs come from; null when it makes none. One-way encryption forgets them, so they are never such as could be computed again.</summary>
    public IvSource? IvsOf(BatchOperation operation) => operation switch
    {
        BatchOperation.Decrypt => null,
        BatchOperation.EncryptOneWay => IvSource.Random,
        _ => Ivs,
    };

    /// <summary>Checks that synthetic IVs were asked of an operation that can make them.</summary>
    /// <exception cref="CommandFailedException">None of them can.</exception>
    public void CheckIvs()
    {
        if (Ivs != IvSource.Random && !Operations.Any(operation => IvsOf(operation) == Ivs))
            throw CommandFailedException.Usage("--iv synthetic is for encrypt and rotate: leave it out, or measure one of these.");
    }

    /// <summary>Checks that the batches fit: into what a batch may hold, and into half of the memory that this process may use.</summary>
    /// <param name="memory">The bytes that this process may use.</param>
    /// <exception cref="CommandFailedException">They do not.</exception>
    public void CheckMemory(long memory)
    {
        foreach (int dimension in Dimensions)
        {
            long values = (long)Rows(dimension) * Padded(dimension);
            // Inputs and outputs.
            long bytes = DeviceLoad.BatchesInFlight * 2 * sizeof(float) * values;
            if (values > int.MaxValue - 16)
                throw CommandFailedException.Usage($"--batch {Rows(dimension)} at dimension {dimension}: expected at most 2^31 elements in a batch, found {values}: take a smaller batch.");
            if (bytes > memory / 2)
                throw CommandFailedException.Usage($"--batch {Rows(dimension)} at dimension {dimension}: {DeviceLoad.BatchesInFlight} batches take {bytes >> 20} MiB, expected at most half of this machine's {memory >> 20} MiB: take a smaller batch.");
        }
    }

    /// <summary>Checks that a number of threads was asked of a device that has threads.</summary>
    /// <exception cref="CommandFailedException">It is no CPU device.</exception>
    public void CheckThreads(DeviceDescription device)
    {
        if (Threads is not null && !Machine.IsProcessor(device))
            throw CommandFailedException.Usage($"--threads is for CPU devices, and {device.Name} is a device of kind {device.Kind}: leave it out.");
    }

    private static int Padded(int dimension) => (dimension + 15) & ~15;
}
