namespace GpuCrypt.Perf.Kafka;

/// <summary>What one run over a source topic gave, from its first tenth to its last record.</summary>
/// <param name="Records">Records in that stretch.</param>
/// <param name="Seconds">By the clock on the wall.</param>
/// <param name="CpuMicroseconds">The process's processor time a record.</param>
/// <param name="DeviceMicroseconds">Of it, the CPU device's threads'; 0 where the system does not tell.</param>
/// <param name="P50">Median from consumption to acknowledgement, nanoseconds.</param>
/// <param name="P99">99 % are at most so long on the way.</param>
internal sealed record LoadResult(long Records, double Seconds, double CpuMicroseconds, double DeviceMicroseconds, long P50, long P99)
{
    public double PerSecond => Records / Seconds;
}

/// <summary>Takes the times of a run: started once a tenth of the records is through, so that nothing is cold.</summary>
internal sealed class LoadMeter
{
    private long _records = -1;
    private long _started;
    private TimeSpan _cpu;
    private TimeSpan _device;

    /// <summary>Whether the stretch has begun.</summary>
    public bool Started => _records >= 0;

    public void Start(long records) =>
        (_records, _started, _cpu, _device) = (records, System.Diagnostics.Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, DeviceThreads());

    public LoadResult Stop(long records, Host.Telemetry.HdrHistogram latencies) => new(
        records - _records,
        System.Diagnostics.Stopwatch.GetElapsedTime(_started).TotalSeconds,
        (Environment.CpuUsage.TotalTime - _cpu).TotalMicroseconds / (records - _records),
        (DeviceThreads() - _device).TotalMicroseconds / (records - _records),
        latencies.ValueAtPercentile(50),
        latencies.ValueAtPercentile(99));

    /// <summary>The processor time of the CPU device's threads so far, in the system's ticks of 10 ms.</summary>
    private static TimeSpan DeviceThreads()
    {
        long ticks = 0;
        if (!OperatingSystem.IsLinux())
            return TimeSpan.Zero;
        foreach (string thread in Directory.EnumerateDirectories("/proc/self/task"))
        {
            // pid (name) state and 10 more, then user and system time.
            string[] parts = File.ReadAllText(Path.Combine(thread, "stat")).Split('(', ')');
            if (!parts[1].StartsWith("gpucrypt-cpu", StringComparison.Ordinal))
                continue;
            string[] fields = parts[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            ticks += long.Parse(fields[11], System.Globalization.CultureInfo.InvariantCulture) + long.Parse(fields[12], System.Globalization.CultureInfo.InvariantCulture);
        }

        return TimeSpan.FromMilliseconds(10 * ticks);
    }
}
