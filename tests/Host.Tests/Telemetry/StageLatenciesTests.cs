using System.Diagnostics;
using GpuCrypt.Host.Telemetry;

namespace GpuCrypt.Host.Tests.Telemetry;

public sealed class StageLatenciesTests
{
    [Fact]
    public void Stages_have_the_names_that_logs_and_tables_use() =>
        Assert.Equal(["ingest-wait", "fill", "device", "sink", "end-to-end"], Enum.GetValues<Stage>().Select(s => s.Name()));

    [Fact]
    public void All_stages_are_listed_in_order() => Assert.Equal(Enum.GetValues<Stage>(), StageNames.All.ToArray());

    [Fact]
    public void A_snapshot_has_each_stage_with_its_own_figures()
    {
        var latencies = new StageLatencies();
        for (int i = 1; i <= 1000; i++)
            latencies.Record(Stage.Device, i * 1000L);

        latencies.Record(Stage.Sink, 5_000_000, 250);
        latencies.Record(Stage.IngestWait, -7);
        latencies.Record(Stage.IngestWait, TimeSpan.FromHours(2).Ticks * 100);

        IReadOnlyList<StageSummary> snapshot = latencies.Snapshot();

        HdrLayout layout = StageLatencies.DefaultLayout;
        Assert.Equal(StageNames.All.ToArray(), snapshot.Select(s => s.Stage));
        StageSummary device = snapshot[(int)Stage.Device];
        Assert.Equal("device", device.Name);
        Assert.Equal(1000, device.Count);
        Assert.Equal(
            new long[] { 500_000, 900_000, 990_000, 999_000, 1_000_000 }.Select(layout.HighestEquivalent),
            [device.P50, device.P90, device.P99, device.P999, device.Max]);
        Assert.Equal(500_500, device.Mean, 500.0);
        Assert.Equal((250, layout.HighestEquivalent(5_000_000)), (snapshot[(int)Stage.Sink].Count, snapshot[(int)Stage.Sink].P50));
        Assert.Equal((2, 1, 1), (snapshot[(int)Stage.IngestWait].Count, snapshot[(int)Stage.IngestWait].ClampedHigh, snapshot[(int)Stage.IngestWait].ClampedLow));
        Assert.Equal((0, 0, 0, 0), (snapshot[(int)Stage.Fill].Count, snapshot[(int)Stage.Fill].P50, snapshot[(int)Stage.Fill].Max, snapshot[(int)Stage.Fill].Mean));
    }

    [Fact]
    public void Times_since_a_start_are_recorded_in_nanoseconds()
    {
        var latencies = new StageLatencies();
        long before = Stopwatch.GetTimestamp();
        long fiveSecondsAgo = before - 5 * Stopwatch.Frequency;
        DateTimeOffset tenSecondsAgo = DateTimeOffset.UtcNow.AddSeconds(-10);

        latencies.RecordSince(Stage.EndToEnd, fiveSecondsAgo, 3);
        latencies.RecordSinceUnixMilliseconds(Stage.IngestWait, tenSecondsAgo.ToUnixTimeMilliseconds(), 2);
        TimeSpan slack = Stopwatch.GetElapsedTime(before) + TimeSpan.FromMilliseconds(100);

        AssertSeconds(latencies.Total(Stage.EndToEnd), 3, 5, slack);
        AssertSeconds(latencies.Total(Stage.IngestWait), 2, 10, slack);
    }

    [Theory]
    [InlineData(long.MinValue, 1, 0)]
    [InlineData(0, 1, 0)]
    [InlineData(long.MaxValue, 0, 1)]
    public void A_timestamp_far_from_any_clock_is_clamped_and_counted(long unixMilliseconds, long high, long low)
    {
        var latencies = new StageLatencies();

        latencies.RecordSinceUnixMilliseconds(Stage.IngestWait, unixMilliseconds);

        HdrHistogram total = latencies.Total(Stage.IngestWait);
        Assert.Equal((1, high, low), (total.TotalCount, total.ClampedHigh, total.ClampedLow));
    }

    [Fact]
    public void Recording_allocates_nothing()
    {
        var latencies = new StageLatencies();
        RecordMany(latencies);

        long before = GC.GetAllocatedBytesForCurrentThread();
        RecordMany(latencies);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.Equal(2000, latencies.Total(Stage.Sink).TotalCount);
    }

    private static void RecordMany(StageLatencies latencies)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 1000; i++)
        {
            latencies.Record(Stage.Fill, i * 1_000_000L);
            latencies.Record(Stage.Device, i * 1000L, 64);
            latencies.RecordSince(Stage.Sink, start);
            latencies.RecordSinceUnixMilliseconds(Stage.IngestWait, 1_700_000_000_000);
        }
    }

    private static void AssertSeconds(HdrHistogram histogram, long count, double seconds, TimeSpan slack)
    {
        Assert.Equal(count, histogram.TotalCount);
        Assert.InRange(histogram.Min, seconds * 1e9 * 0.998, (seconds + slack.TotalSeconds) * 1e9);
    }
}
