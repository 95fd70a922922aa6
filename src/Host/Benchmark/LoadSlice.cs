using System.Diagnostics;

namespace GpuCrypt.Host.Benchmark;

/// <summary>A stretch of time in which a device was kept busy.</summary>
/// <param name="Vectors">The vectors that were done in it.</param>
/// <param name="Ticks">How long it was, by the clock on the wall, in the stopwatch's ticks; more than 0.</param>
/// <param name="Processor">The processor time that the whole process took in it.</param>
/// <param name="VectorsRun">The vectors that allocations belong to: those that were done while the device took up speed and came to rest too.</param>
/// <param name="AllocatedBytes">The managed memory that all threads allocated.</param>
internal readonly record struct LoadSlice(long Vectors, long Ticks, TimeSpan Processor, long VectorsRun, long AllocatedBytes)
{
    public double Seconds => (double)Ticks / Stopwatch.Frequency;

    public double VectorsPerSecond => Vectors / Seconds;

    public double ProcessorNanosecondsPerVector => Processor.TotalNanoseconds / Vectors;

    public double AllocatedBytesPerVector => (double)AllocatedBytes / VectorsRun;
}
