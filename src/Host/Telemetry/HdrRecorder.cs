namespace GpuCrypt.Host.Telemetry;

/// <summary>
/// What threads record into: one array of counts that only ever grow. A recording is one atomic addition to one count; it never waits, allocates nothing,
/// and any number of threads may record while others read.
/// </summary>
/// <remarks>
/// HdrHistogram's recorders swap two histograms under a writer-reader phaser. Here nothing is swapped or reset: an interval is the difference between two
/// readings of the same counts (<see cref="HdrIntervalReader"/>). As every recording is one atomic step on one count, each lands in exactly one interval,
/// recordings cost one atomic operation instead of three, several readers can take intervals of their own, and the whole-run histogram is there for nothing.
/// The price is that recordings made during a reading, which takes microseconds, may fall on either side of the interval's end.
/// </remarks>
public sealed class HdrRecorder
{
    private readonly long[] _counts;
    private long _clampedLow;
    private long _clampedHigh;

    /// <summary>Creates a recorder that has seen nothing.</summary>
    /// <param name="layout">Range and precision.</param>
    public HdrRecorder(HdrLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        Layout = layout;
        _counts = new long[layout.CountsLength];
    }

    /// <summary>Range and precision.</summary>
    public HdrLayout Layout { get; }

    /// <summary>Records a value. Values outside the range are clamped to it and counted as clamped. Safe for any number of threads; allocates nothing.</summary>
    /// <param name="value">The value.</param>
    public void Record(long value) => Add(value, 1);

    /// <summary>Records a value a number of times, as for the rows of one batch. Otherwise as <see cref="Record(long)"/>.</summary>
    /// <param name="value">The value.</param>
    /// <param name="count">How often; at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public void Record(long value, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Add(value, count);
    }

    /// <summary>All recordings since the recorder was made, as a histogram of the caller's own. Safe while others record.</summary>
    public HdrHistogram Total()
    {
        var total = new HdrHistogram(Layout);
        ReadInto(total, null);
        return total;
    }

    /// <summary>Fills a cleared histogram with the recordings that a baseline does not have.</summary>
    internal void ReadInto(HdrHistogram target, HdrHistogram? baseline)
    {
        // Clamped ones are read first and recorded last, so that a reading never shows more of them than of recordings.
        long low = Volatile.Read(ref _clampedLow);
        long high = Volatile.Read(ref _clampedHigh);
        for (int i = 0; i < _counts.Length; i++)
        {
            long count = Volatile.Read(ref _counts[i]) - (baseline?.Counts[i] ?? 0);
            if (count != 0)
                target.SetCount(i, count);
        }

        target.SetClamped(low - (baseline?.ClampedLow ?? 0), high - (baseline?.ClampedHigh ?? 0));
    }

    private void Add(long value, long count)
    {
        long inRange = Math.Clamp(value, 0, Layout.HighestTrackable);
        Interlocked.Add(ref _counts[Layout.IndexOf(inRange)], count);
        if (inRange == value)
            return;

        if (value < 0)
            Interlocked.Add(ref _clampedLow, count);
        else
            Interlocked.Add(ref _clampedHigh, count);
    }
}
