namespace GpuCrypt.Host.Telemetry;

/// <summary>
/// A high dynamic range histogram: counts of integer values at a fixed relative precision (<see cref="HdrLayout"/>), from which percentiles are read.
/// Its figures equal those of HdrHistogram's Java implementation for the same recordings. Not safe for use by several threads at once;
/// <see cref="HdrRecorder"/> is what threads record into.
/// </summary>
public sealed class HdrHistogram
{
    private readonly long[] _counts;

    /// <summary>Creates an empty histogram.</summary>
    /// <param name="layout">Range and precision.</param>
    public HdrHistogram(HdrLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        Layout = layout;
        _counts = new long[layout.CountsLength];
    }

    /// <summary>Range and precision.</summary>
    public HdrLayout Layout { get; }

    /// <summary>Recordings, clamped ones among them.</summary>
    public long TotalCount { get; private set; }

    /// <summary>Recordings above the highest trackable value; they were counted at that value.</summary>
    public long ClampedHigh { get; private set; }

    /// <summary>Recordings below zero, as clocks that disagree produce; they were counted at zero.</summary>
    public long ClampedLow { get; private set; }

    /// <summary>The largest value recorded, at the layout's precision, rounded up; 0 when empty.</summary>
    public long Max
    {
        get
        {
            int index = _counts.AsSpan().LastIndexOfAnyExcept(0L);
            return index < 0 ? 0 : Layout.HighestAt(index);
        }
    }

    /// <summary>The smallest value recorded, at the layout's precision, rounded down; 0 when empty.</summary>
    public long Min
    {
        get
        {
            int index = _counts.AsSpan().IndexOfAnyExcept(0L);
            return index < 0 ? 0 : Layout.LowestAt(index);
        }
    }

    /// <summary>The arithmetic mean, each recording taken at the middle of its bucket; 0 when empty.</summary>
    public double Mean => TotalCount == 0 ? 0 : (double)Sum / TotalCount;

    /// <summary>The sum of all recordings, each taken at the middle of its bucket.</summary>
    public Int128 Sum
    {
        get
        {
            Int128 sum = 0;
            for (int i = 0; i < _counts.Length; i++)
            {
                if (_counts[i] != 0)
                    sum += (Int128)Layout.MedianAt(i) * _counts[i];
            }

            return sum;
        }
    }

    /// <summary>The standard deviation of the recordings as a whole population, each taken at the middle of its bucket; 0 when empty.</summary>
    public double StandardDeviation
    {
        get
        {
            if (TotalCount == 0)
                return 0;

            double mean = Mean;
            double squares = 0;
            for (int i = 0; i < _counts.Length; i++)
            {
                if (_counts[i] == 0)
                    continue;

                double deviation = Layout.MedianAt(i) - mean;
                squares += deviation * deviation * _counts[i];
            }

            return Math.Sqrt(squares / TotalCount);
        }
    }

    internal ReadOnlySpan<long> Counts => _counts;

    /// <summary>Records a value a number of times. Values outside the range are clamped to it and counted as clamped. Allocates nothing.</summary>
    /// <param name="value">The value.</param>
    /// <param name="count">How often; at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public void Record(long value, long count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (value > Layout.HighestTrackable)
        {
            value = Layout.HighestTrackable;
            ClampedHigh += count;
        }
        else if (value < 0)
        {
            value = 0;
            ClampedLow += count;
        }

        _counts[Layout.IndexOf(value)] += count;
        TotalCount += count;
    }

    /// <summary>
    /// Adds the recordings of another histogram. A different layout is allowed: its values are then recorded here at the low end of their buckets,
    /// and clamped where they exceed this range.
    /// </summary>
    /// <param name="other">The histogram to add; it is left as it is.</param>
    public void Add(HdrHistogram other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Layout == other.Layout)
        {
            for (int i = 0; i < _counts.Length; i++)
                _counts[i] += other._counts[i];

            TotalCount += other.TotalCount;
        }
        else
        {
            for (int i = 0; i < other._counts.Length; i++)
            {
                if (other._counts[i] != 0)
                    Record(other.Layout.LowestAt(i), other._counts[i]);
            }
        }

        ClampedHigh += other.ClampedHigh;
        ClampedLow += other.ClampedLow;
    }

    /// <summary>Makes the histogram empty.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        TotalCount = ClampedHigh = ClampedLow = 0;
    }

    /// <summary>
    /// The value that the given percentage of recordings do not exceed: the one of rank ⌈percentile / 100 · count⌉ in ascending order, rounded up to the
    /// end of its bucket (percentile 0: the smallest value, rounded down).
    /// </summary>
    /// <param name="percentile">0 to 100.</param>
    /// <returns>The value, or 0 when the histogram is empty.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The percentile is not a number from 0 to 100.</exception>
    public long ValueAtPercentile(double percentile)
    {
        if (!(percentile is >= 0 and <= 100))
            throw new ArgumentOutOfRangeException(nameof(percentile), percentile, "A percentile is a number from 0 to 100.");

        // One step down keeps a product that should be a whole number, such as 99.9 % of 1000, from being rounded up past it.
        double rank = Math.Ceiling(Math.Max(Math.BitDecrement(percentile), 0) * TotalCount / 100);
        long wanted = Math.Max((long)rank, 1);
        long seen = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted)
                return percentile == 0 ? Layout.LowestAt(i) : Layout.HighestAt(i);
        }

        return 0;
    }

    /// <summary>How many recordings are at most a value, at the layout's precision: all in the value's bucket count.</summary>
    /// <param name="value">The value.</param>
    public long CountAtOrBelow(long value)
    {
        if (value < 0)
            return 0;

        // Above the range there is nothing but the last bucket's end.
        int last = value > Layout.HighestAt(_counts.Length - 1) ? _counts.Length - 1 : Layout.IndexOf(value);
        long sum = 0;
        for (int i = 0; i <= last; i++)
            sum += _counts[i];

        return sum;
    }

    /// <summary>The non-empty buckets, in ascending order of value.</summary>
    public IEnumerable<HdrBucket> Buckets()
    {
        long seen = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            long count = _counts[i];
            if (count == 0)
                continue;

            seen += count;
            yield return new HdrBucket(Layout.LowestAt(i), Layout.HighestAt(i), count, seen);
        }
    }

    /// <summary>Sets one count; for decoders and snapshots, which fill a cleared histogram.</summary>
    internal void SetCount(int index, long count)
    {
        TotalCount += count - _counts[index];
        _counts[index] = count;
    }

    internal void SetClamped(long low, long high)
    {
        ClampedLow = low;
        ClampedHigh = high;
    }
}
