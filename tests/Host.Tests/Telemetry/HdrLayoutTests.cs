using FsCheck;
using FsCheck.Fluent;
using GpuCrypt.Host.Telemetry;

namespace GpuCrypt.Host.Tests.Telemetry;

public sealed class HdrLayoutTests
{
    // Taken from org.HdrHistogram.Histogram 2.1.11 (its fields bucketCount, subBucketCount, countsArrayLength).
    [Theory]
    [InlineData(1, 2, 1, 1, 32, 32)]
    [InlineData(1, 3_600_000_000_000, 2, 35, 256, 4608)]
    [InlineData(1, 3_600_000_000_000, 3, 32, 2048, 33792)]
    [InlineData(1000, 3_600_000_000_000, 3, 23, 2048, 24576)]
    [InlineData(1, long.MaxValue, 5, 46, 262144, 6160384)]
    [InlineData(7, 1000, 4, 1, 32768, 32768)]
    [InlineData(1_000_000, long.MaxValue, 3, 34, 2048, 35840)]
    public void A_layout_has_the_sizes_that_the_Java_implementation_gives_it(long lowest, long highest, int digits, int buckets, int subBuckets, int length)
    {
        var layout = new HdrLayout(lowest, highest, digits);

        Assert.Equal((buckets, subBuckets, length), (layout.BucketCount, layout.SubBucketCount, layout.CountsLength));
    }

    [Theory]
    [InlineData(1, 3_600_000_000_000, 3, 12344, 12351)]
    [InlineData(1000, 3_600_000_000_000, 3, 12288, 12799)]
    [InlineData(1_000_000, long.MaxValue, 3, 0, 524287)]
    public void The_value_12345_has_the_bucket_that_the_Java_implementation_puts_it_in(long lowest, long highest, int digits, long from, long to)
    {
        var layout = new HdrLayout(lowest, highest, digits);

        Assert.Equal((from, to), (layout.LowestEquivalent(12345), layout.HighestEquivalent(12345)));
    }

    [Fact]
    public void Every_value_in_range_has_a_bucket_around_it_that_is_as_narrow_as_the_digits_ask()
    {
        var cases =
            from digits in Gen.Choose(1, 5)
            from unit in Gen.Elements(1L, 2L, 1000L, 12_345L, 1_000_000L)
            from highest in HdrGenerators.Values(long.MaxValue).Where(h => h >= 2_000_000)
            from value in HdrGenerators.Values(highest)
            select (new HdrLayout(unit, highest, digits), value);

        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            (HdrLayout layout, long value) = c;
            int index = layout.IndexOf(value);
            long low = layout.LowestAt(index);
            long high = layout.HighestAt(index);
            // One unit (rounded down to a power of two) near zero, one part in 10^digits of the value further up.
            double widest = Math.Max(layout.LowestDiscernible, value / Math.Pow(10, layout.SignificantDigits));
            return index >= 0 && index < layout.CountsLength
                && low <= value && value <= high && high - low < widest
                && layout.MedianAt(index) is long median && low <= median && median <= high;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Buckets_cover_the_range_without_gap_or_overlap()
    {
        foreach (HdrLayout layout in new[] { new HdrLayout(1, 3_600_000_000_000, 2), new HdrLayout(1000, 1_000_000_000, 3), new HdrLayout(1, long.MaxValue, 1) })
        {
            long next = 0;
            for (int i = 0; i < layout.CountsLength; i++)
            {
                Assert.Equal(next, layout.LowestAt(i));
                Assert.Equal(i, layout.IndexOf(layout.LowestAt(i)));
                Assert.Equal(i, layout.IndexOf(layout.HighestAt(i)));
                next = unchecked(layout.HighestAt(i) + 1);
            }

            Assert.True(unchecked(next - 1) >= layout.HighestTrackable);
        }
    }

    [Theory]
    [InlineData(0, 100, 3)]
    [InlineData(-1, 100, 3)]
    [InlineData(100, 199, 3)]
    [InlineData(1, 100, 0)]
    [InlineData(1, 100, 6)]
    [InlineData(long.MaxValue / 2, long.MaxValue, 3)]
    public void Parameters_that_no_layout_has_are_refused(long lowest, long highest, int digits) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new HdrLayout(lowest, highest, digits));
}
