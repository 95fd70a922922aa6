namespace GpuCrypt.Host.Telemetry;

/// <summary>One non-empty bucket of a histogram.</summary>
/// <param name="Lowest">The smallest value it stands for.</param>
/// <param name="Highest">The largest value it stands for.</param>
/// <param name="Count">Recordings in it.</param>
/// <param name="CumulativeCount">Recordings in it and in all buckets of smaller values.</param>
public readonly record struct HdrBucket(long Lowest, long Highest, long Count, long CumulativeCount);
