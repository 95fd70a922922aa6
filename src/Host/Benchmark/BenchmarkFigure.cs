using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Host.Benchmark;

/// <summary>What one operation at one dimension gave. Rates are vectors a second by the clock on the wall, over all workers of the device.</summary>
/// <param name="Operation">What was done.</param>
/// <param name="Ivs">Where the IVs came from; null where the operation makes none.</param>
/// <param name="Dimension">The elements of a vector.</param>
/// <param name="Batch">The rows of a batch.</param>
/// <param name="Slices">The slices measured.</param>
/// <param name="Seconds">The time measured, all slices together.</param>
/// <param name="VectorsPerSecond">The median of the slices' rates.</param>
/// <param name="Lowest">The slowest slice's rate.</param>
/// <param name="Highest">The fastest slice's rate.</param>
/// <param name="ProcessorNanosecondsPerVector">Processor time of the whole process, all cores together: the median of the slices.</param>
/// <param name="AllocatedBytesPerVector">Managed memory that all threads allocated: the median of the slices, so that what the runtime allocates once on its own account is left out.</param>
/// <param name="BatchP50">The median time from a batch's handing over to its end in nanoseconds, with the batches before it on the way.</param>
/// <param name="BatchP99">The time that 99 % of batches do not exceed.</param>
internal sealed record BenchmarkFigure(
    BatchOperation Operation,
    IvSource? Ivs,
    int Dimension,
    int Batch,
    int Slices,
    double Seconds,
    double VectorsPerSecond,
    double Lowest,
    double Highest,
    double ProcessorNanosecondsPerVector,
    double AllocatedBytesPerVector,
    long BatchP50,
    long BatchP99)
{
    /// <summary>The time from one vector to the next, all workers together.</summary>
    public double NanosecondsPerVector => 1e9 / VectorsPerSecond;

    /// <summary>Float32 elements going in, in 10^9 bytes a second; as many come out.</summary>
    public double GigabytesPerSecond => VectorsPerSecond * Dimension * sizeof(float) / 1e9;
}
