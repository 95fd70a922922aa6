using FsCheck;
using FsCheck.Fluent;
using GpuCrypt.Host.Telemetry;

namespace GpuCrypt.Host.Tests.Telemetry;

public sealed class HdrHistogramTests
{
    private static readonly HdrLayout _hour = new(1, 3_600_000_000_000, 3);

    [Fact]
    public void Percentiles_equal_those_of_the_sorted_list_within_the_digits_kept()
    {
        var cases =
            from layout in HdrGenerators.Layouts()
            from values in HdrGenerators.Values(layout.HighestTrackable).NonEmptyListOf()
            from thousandths in Gen.OneOf(Gen.Elements(1, 50_000, 90_000, 99_000, 99_900, 99_990, 100_000), Gen.Choose(1, 100_000))
            select (layout, values.ToArray(), thousandths);

        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            (HdrLayout layout, long[] values, int thousandths) = c;
            long found = HdrGenerators.Histogram(layout, values).ValueAtPercentile(thousandths / 1000.0);

            Array.Sort(values);
            // The rank in whole numbers, so that nothing of the code under test's rounding is shared.
            long rank = ((long)thousandths * values.Length + 99_999) / 100_000;
            long exact = values[rank - 1];
            double tolerance = Math.Max(layout.LowestDiscernible, exact / Math.Pow(10, layout.SignificantDigits));
            return found == layout.HighestEquivalent(exact) && found >= exact && found - exact < tolerance;
        }).QuickCheckThrowOnFailure();
    }

    // 64.4 · 250 / 100 is 161 on paper and a little more in binary: rounded up as it stands it would be rank 162.
    [Theory]
    [InlineData(64.4, 250, 161)]
    [InlineData(8.8, 375, 33)]
    [InlineData(95.04, 625, 594)]
    [InlineData(99.9, 1000, 999)]
    public void A_rank_that_is_a_whole_number_on_paper_is_not_rounded_past_it(double percentile, int count, long rank)
    {
        HdrHistogram histogram = HdrGenerators.Histogram(_hour, Enumerable.Range(1, count).Select(i => (long)i));

        Assert.Equal(rank, histogram.ValueAtPercentile(percentile));
    }

    [Fact]
    public void Count_extremes_and_mean_equal_those_of_the_list_within_the_digits_kept()
    {
        var cases =
            from layout in HdrGenerators.Layouts()
            from values in HdrGenerators.Values(layout.HighestTrackable).NonEmptyListOf()
            select (layout, values.ToArray());

        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            (HdrLayout layout, long[] values) = c;
            HdrHistogram histogram = HdrGenerators.Histogram(layout, values);
            double tolerance = layout.LowestDiscernible + values.Average() / Math.Pow(10, layout.SignificantDigits);
            return histogram.TotalCount == values.Length
                && histogram.Max == layout.HighestEquivalent(values.Max())
                && histogram.Min == layout.LowestEquivalent(values.Min())
                && Math.Abs(histogram.Mean - values.Average()) <= tolerance
                && histogram.Buckets().Sum(b => b.Count) == values.Length
                && histogram.Buckets().Last().CumulativeCount == values.Length
                && values.All(v => histogram.CountAtOrBelow(v) == values.Count(o => o <= layout.HighestEquivalent(v)));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_sum_of_histograms_equals_the_histogram_of_all_recordings()
    {
        var cases =
            from layout in HdrGenerators.Layouts()
            from left in HdrGenerators.Values(layout.HighestTrackable).ListOf()
            from right in HdrGenerators.Values(layout.HighestTrackable).ListOf()
            select (layout, left, right);

        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            (HdrLayout layout, var left, var right) = c;
            HdrHistogram sum = HdrGenerators.Histogram(layout, left);
            sum.Add(HdrGenerators.Histogram(layout, right));
            HdrHistogram all = HdrGenerators.Histogram(layout, left.Concat(right));
            return sum.TotalCount == all.TotalCount && sum.Buckets().SequenceEqual(all.Buckets());
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Adding_a_histogram_of_another_layout_keeps_every_recording_and_clamps_what_exceeds_the_range()
    {
        var fine = HdrGenerators.Histogram(_hour, [5, 1_000_003, 3_000_000_000_000]);
        var coarse = new HdrHistogram(new HdrLayout(1, 2_000_000_000_000, 2));

        coarse.Add(fine);

        Assert.Equal(3, coarse.TotalCount);
        Assert.Equal(1, coarse.ClampedHigh);
        Assert.Equal(coarse.Layout.HighestEquivalent(1_000_003), coarse.ValueAtPercentile(66));
        Assert.Equal(coarse.Layout.HighestEquivalent(2_000_000_000_000), coarse.Max);
    }

    // The figures are what org.HdrHistogram.Histogram 2.1.11 gave for the same recordings.
    [Fact]
    public void Figures_equal_those_of_the_Java_implementation()
    {
        HdrHistogram histogram = HdrFixtures.UnitOfAThousand();

        Assert.Equal(476, histogram.TotalCount);
        Assert.Equal(21_626_879, histogram.Max);
        Assert.Equal(0, histogram.Min);
        Assert.Equal(2069257.142857143, histogram.Mean, 1e-6);
        Assert.Equal(5179072.3690748, histogram.StandardDeviation, 1e-6);
        Assert.Equal([0, 511, 1535, 3583, 7_176_191, 21_626_879],
            new[] { 0, 10, 33.3, 50, 90, 99 }.Select(histogram.ValueAtPercentile));
    }

    [Fact]
    public void Values_outside_the_range_are_recorded_at_its_ends_and_counted_as_clamped()
    {
        var histogram = new HdrHistogram(_hour);

        histogram.Record(_hour.HighestTrackable);
        histogram.Record(_hour.HighestTrackable + 1, 2);
        histogram.Record(long.MaxValue);
        histogram.Record(-1, 4);
        histogram.Record(long.MinValue);

        Assert.Equal(9, histogram.TotalCount);
        Assert.Equal(3, histogram.ClampedHigh);
        Assert.Equal(5, histogram.ClampedLow);
        Assert.Equal(_hour.HighestEquivalent(_hour.HighestTrackable), histogram.Max);
        Assert.Equal(5, histogram.CountAtOrBelow(0));
        Assert.Equal(9, histogram.CountAtOrBelow(long.MaxValue));
        Assert.Equal(0, histogram.CountAtOrBelow(-1));
    }

    [Fact]
    public void An_empty_histogram_has_zero_figures_and_no_buckets()
    {
        var histogram = new HdrHistogram(_hour);

        Assert.Equal((0, 0, 0, 0), (histogram.TotalCount, histogram.Max, histogram.Min, histogram.ValueAtPercentile(99)));
        Assert.Equal((0, 0), (histogram.Mean, histogram.StandardDeviation));
        Assert.Empty(histogram.Buckets());
    }

    [Fact]
    public void A_cleared_histogram_is_empty()
    {
        HdrHistogram histogram = HdrGenerators.Histogram(_hour, [1, 2, -3, long.MaxValue]);

        histogram.Clear();

        Assert.Empty(histogram.Buckets());
        Assert.Equal((0, 0, 0), (histogram.TotalCount, histogram.ClampedHigh, histogram.ClampedLow));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(100.1)]
    [InlineData(double.NaN)]
    public void A_percentile_outside_0_to_100_is_refused(double percentile) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new HdrHistogram(_hour).ValueAtPercentile(percentile));
}
