using System.Numerics;

namespace GpuCrypt.Host.Telemetry;

/// <summary>
/// The bucket layout of a high dynamic range histogram, the one HdrHistogram publishes (hdrhistogram.org): values are grouped by powers of two, and each
/// power is cut into equal sub-buckets, as many as keep the asked number of significant decimal digits. Equal parameters give equal layouts in every
/// implementation, so encoded counts travel between them. Immutable and safe to share between threads.
/// </summary>
public sealed record HdrLayout
{
    private readonly int _unitMagnitude;
    private readonly int _subBucketHalfCountMagnitude;
    private readonly int _subBucketHalfCount;
    private readonly long _subBucketMask;
    private readonly int _leadingZeroCountBase;

    /// <summary>Computes a layout.</summary>
    /// <param name="lowestDiscernible">The unit: values closer together than this need not be told apart. At least 1.</param>
    /// <param name="highestTrackable">The largest value that is told apart from larger ones. At least twice the lowest.</param>
    /// <param name="significantDigits">Decimal digits kept of any value in range, 1 to 5: with 3, a value is known to one part in a thousand.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range, or digits and unit together exceed 62 bits.</exception>
    public HdrLayout(long lowestDiscernible, long highestTrackable, int significantDigits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lowestDiscernible, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lowestDiscernible, long.MaxValue / 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(highestTrackable, 2 * lowestDiscernible);
        ArgumentOutOfRangeException.ThrowIfLessThan(significantDigits, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(significantDigits, 5);

        LowestDiscernible = lowestDiscernible;
        HighestTrackable = highestTrackable;
        SignificantDigits = significantDigits;

        // Up to 2·10^digits a step of one unit is needed; from there on, steps may double with each power of two.
        ulong singleUnitUpTo = 2;
        for (int digit = 0; digit < significantDigits; digit++)
            singleUnitUpTo *= 10;

        int subBucketCountMagnitude = BitOperations.Log2(singleUnitUpTo - 1) + 1;
        _subBucketHalfCountMagnitude = subBucketCountMagnitude - 1;
        _subBucketHalfCount = 1 << _subBucketHalfCountMagnitude;
        _unitMagnitude = BitOperations.Log2((ulong)lowestDiscernible);
        if (_unitMagnitude + _subBucketHalfCountMagnitude > 61)
        {
            throw new ArgumentOutOfRangeException(
                nameof(lowestDiscernible), lowestDiscernible, $"{significantDigits} significant digits beyond this unit do not fit in 62 bits; take a smaller unit or fewer digits.");
        }

        SubBucketCount = 2 << _subBucketHalfCountMagnitude;
        _subBucketMask = (long)(SubBucketCount - 1) << _unitMagnitude;
        _leadingZeroCountBase = 63 - _unitMagnitude - _subBucketHalfCountMagnitude;
        BucketCount = BucketsToCover(highestTrackable);
        CountsLength = (BucketCount + 1) * _subBucketHalfCount;
    }

    /// <summary>The unit: the smallest difference between values that is told apart.</summary>
    public long LowestDiscernible { get; }

    /// <summary>The largest value that is told apart from larger ones.</summary>
    public long HighestTrackable { get; }

    /// <summary>Decimal digits kept, 1 to 5.</summary>
    public int SignificantDigits { get; }

    /// <summary>Powers of two covered.</summary>
    public int BucketCount { get; }

    /// <summary>Equal steps in the first bucket; later ones use the upper half of as many.</summary>
    public int SubBucketCount { get; }

    /// <summary>The number of counts a histogram of this layout holds.</summary>
    public int CountsLength { get; }

    /// <summary>The index of the count that stands for a value.</summary>
    /// <param name="value">0 to <see cref="HighestTrackable"/>; not checked, a value outside may give an index outside.</param>
    public int IndexOf(long value)
    {
        int bucket = _leadingZeroCountBase - BitOperations.LeadingZeroCount((ulong)(value | _subBucketMask));
        int subBucket = (int)(value >>> (bucket + _unitMagnitude));
        return ((bucket + 1) << _subBucketHalfCountMagnitude) + subBucket - _subBucketHalfCount;
    }

    /// <summary>The smallest value that the count at an index stands for.</summary>
    /// <param name="index">0 to <see cref="CountsLength"/> − 1.</param>
    public long LowestAt(int index)
    {
        (int bucket, int subBucket) = Position(index);
        return (long)subBucket << (bucket + _unitMagnitude);
    }

    /// <summary>The largest value that the count at an index stands for.</summary>
    /// <param name="index">0 to <see cref="CountsLength"/> − 1.</param>
    public long HighestAt(int index) => LowestAt(index) + (WidthAt(index) - 1);

    /// <summary>The value in the middle of what the count at an index stands for; means are computed from it.</summary>
    /// <param name="index">0 to <see cref="CountsLength"/> − 1.</param>
    public long MedianAt(int index) => LowestAt(index) + (WidthAt(index) >> 1);

    /// <summary>The largest value that is not told apart from the given one.</summary>
    /// <param name="value">0 to <see cref="HighestTrackable"/>.</param>
    public long HighestEquivalent(long value) => HighestAt(IndexOf(value));

    /// <summary>The smallest value that is not told apart from the given one.</summary>
    /// <param name="value">0 to <see cref="HighestTrackable"/>.</param>
    public long LowestEquivalent(long value) => LowestAt(IndexOf(value));

    private long WidthAt(int index) => 1L << (Position(index).Bucket + _unitMagnitude);

    private (int Bucket, int SubBucket) Position(int index)
    {
        int bucket = (index >> _subBucketHalfCountMagnitude) - 1;
        int subBucket = (index & (_subBucketHalfCount - 1)) + _subBucketHalfCount;
        // The first bucket alone uses its lower half too.
        return bucket < 0 ? (0, subBucket - _subBucketHalfCount) : (bucket, subBucket);
    }

    private int BucketsToCover(long highest)
    {
        long firstBeyond = (long)SubBucketCount << _unitMagnitude;
        int buckets = 1;
        while (firstBeyond <= highest)
        {
            if (firstBeyond > long.MaxValue / 2)
                return buckets + 1;

            firstBeyond <<= 1;
            buckets++;
        }

        return buckets;
    }
}
