using GpuCrypt.Host.Telemetry;

namespace GpuCrypt.Host.Tests.Telemetry;

/// <summary>HdrHistogram's own tool reads our logs and finds what we find.</summary>
public sealed class HistogramLogInteropTests : IDisposable
{
    private static readonly DateTimeOffset _start = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_250);

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.hlog");

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData(1, 2)]
    [InlineData(1, 3)]
    [InlineData(1000, 3)]
    public void The_Java_HistogramLogProcessor_finds_our_intervals_and_percentiles_for_each_stage(long unit, int digits)
    {
        var layout = new HdrLayout(unit, 3_600_000_000_000, digits);
        Dictionary<Stage, List<HdrHistogram>> intervals = WriteFiveIntervals(layout, out StageLatencies latencies);

        Assert.Equal(["device", "end-to-end", "fill", "ingest-wait", "sink"], JavaHistogramLogProcessor.Tags(_path));
        foreach (Stage stage in StageNames.All)
        {
            JavaHistogramLogProcessor.Report report = JavaHistogramLogProcessor.Read(_path, stage.Name());

            AssertIntervals(intervals[stage], report.Intervals);
            AssertDistribution(latencies.Total(stage), report.Distribution);
            AssertSummary(latencies.Snapshot()[(int)stage], report.Intervals[^1]);
        }
    }

    [Fact]
    public void The_Java_HistogramLogProcessor_reads_a_log_that_a_second_run_continued_and_clamped_recordings_in_it()
    {
        var expected = new HdrHistogram(StageLatencies.DefaultLayout);
        for (int run = 0; run < 2; run++)
        {
            var time = new ManualTime(_start.AddHours(run));
            var latencies = new StageLatencies();
            using (new StageLatencyLog(latencies, _path, time: time))
            {
                latencies.Record(Stage.Sink, -5, 10);
                latencies.Record(Stage.Sink, 1_000_000 * (run + 1), 30);
                latencies.Record(Stage.Sink, long.MaxValue, 1);
                time.Advance(TimeSpan.FromSeconds(1));
            }

            expected.Add(latencies.Total(Stage.Sink));
        }

        JavaHistogramLogProcessor.Report report = JavaHistogramLogProcessor.Read(_path, "sink");

        Assert.Equal([41, 41], report.Intervals.Select(i => i.Count));
        AssertDistribution(expected, report.Distribution);
    }

    /// <summary>Writes five intervals of latencies as a service has them: each stage about its own middle, with a long tail.</summary>
    private Dictionary<Stage, List<HdrHistogram>> WriteFiveIntervals(HdrLayout layout, out StageLatencies latencies)
    {
        var time = new ManualTime(_start);
        var random = new Random(20251);
        latencies = new StageLatencies(layout);
        var intervals = StageNames.All.ToArray().ToDictionary(s => s, _ => new List<HdrHistogram>());
        using (new StageLatencyLog(latencies, _path, TimeSpan.FromSeconds(1), time: time))
        {
            for (int interval = 0; interval < 5; interval++)
            {
                foreach (Stage stage in StageNames.All)
                {
                    var own = new HdrHistogram(layout);
                    double middle = Math.Log(20_000.0 * Math.Pow(30, (int)stage));
                    for (int i = 0; i < 2000 + 137 * interval; i++)
                    {
                        double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
                        long value = (long)Math.Exp(middle + (interval + 1) * 0.3 * normal);
                        own.Record(value);
                        latencies.Record(stage, value);
                    }

                    intervals[stage].Add(own);
                }

                time.Advance(TimeSpan.FromSeconds(1));
            }
        }

        return intervals;
    }

    private static void AssertIntervals(List<HdrHistogram> expected, IReadOnlyList<JavaHistogramLogProcessor.Interval> found)
    {
        Assert.Equal(expected.Count, found.Count);
        var total = new HdrHistogram(expected[0].Layout);
        for (int i = 0; i < expected.Count; i++)
        {
            HdrHistogram interval = expected[i];
            total.Add(interval);
            // The tool's times are those of the interval's end, from the log's start.
            Assert.Equal(
                new JavaHistogramLogProcessor.Interval(
                    i + 1, interval.TotalCount, interval.ValueAtPercentile(50), interval.ValueAtPercentile(90), interval.Max,
                    total.TotalCount, total.ValueAtPercentile(50), total.ValueAtPercentile(90), total.ValueAtPercentile(99),
                    total.ValueAtPercentile(99.9), total.ValueAtPercentile(99.99), total.Max),
                found[i]);
        }
    }

    private static void AssertDistribution(HdrHistogram expected, IReadOnlyList<JavaHistogramLogProcessor.Step> found)
    {
        Assert.NotEmpty(found);
        Assert.Equal(expected.TotalCount, found[^1].CumulativeCount);
        Assert.Equal(expected.Max, found[^1].Value);
        foreach (JavaHistogramLogProcessor.Step step in found)
        {
            Assert.Equal(expected.CountAtOrBelow(step.Value), step.CumulativeCount);
            Assert.Equal(expected.Layout.HighestEquivalent(step.Value), step.Value);
            // The printed quantile has twelve digits; a step down from it stays in the bucket that the tool was in.
            Assert.Equal(step.Value, expected.ValueAtPercentile(Math.Max(step.Quantile * 100 - 1e-9, 0.0001)));
        }
    }

    private static void AssertSummary(StageSummary summary, JavaHistogramLogProcessor.Interval total) =>
        Assert.Equal(
            (summary.Count, summary.P50, summary.P90, summary.P99, summary.P999, summary.Max),
            (total.TotalCount, total.Total50, total.Total90, total.Total99, total.Total999, total.TotalMax));
}
