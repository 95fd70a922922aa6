namespace GpuCrypt.Perf.Kafka;

/// <summary>What one run over a source topic gave, from its first tenth to its last record.</summary>
/// <param name="Records">Records in that stretch.</param>
/// <param name="Seconds">By the clock on the wall.</param>
/// <param name="CpuMicroseconds">The process's processor time a record.</param>
/// <param name="P50">Median from consumption to acknowledgement, nanoseconds.</param>
/// <param name="P99">99 % are at most so long on the way.</param>
internal sealed record LoadResult(long Records, double Seconds, double CpuMicroseconds, long P50, long P99)
{
    public double PerSecond => Records / Seconds;
}

/// <summary>Takes the times of a run: started once a tenth of the records is through, so that nothing is cold.</summary>
internal sealed class LoadMeter
{
    private long _records = -1;
    private long _started;
    private TimeSpan _cpu;

    /// <summary>Whether the stretch has begun.</summary>
    public bool Started => _records >= 0;

    public void Start(long records) => (_records, _started, _cpu) = (records, System.Diagnostics.Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);

    public LoadResult Stop(long records, Host.Telemetry.HdrHistogram latencies) => new(
        records - _records,
        System.Diagnostics.Stopwatch.GetElapsedTime(_started).TotalSeconds,
        (Environment.CpuUsage.TotalTime - _cpu).TotalMicroseconds / (records - _records),
        latencies.ValueAtPercentile(50),
        latencies.ValueAtPercentile(99));
}
