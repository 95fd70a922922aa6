using System.Diagnostics;
using GpuCrypt.Host.Telemetry;

namespace GpuCrypt.Host.Tests.Telemetry;

public sealed class StageLatencyLogTests : IDisposable
{
    private static readonly DateTimeOffset _start = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_250);

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.hlog");
    private readonly ManualTime _time = new(_start);
    private readonly StageLatencies _latencies = new();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Each_interval_has_a_line_for_each_stage_that_recorded_in_it()
    {
        using (new StageLatencyLog(_latencies, _path, TimeSpan.FromSeconds(2), time: _time))
        {
            _latencies.Record(Stage.Fill, 100);
            _latencies.Record(Stage.Sink, 200, 5);
            _time.Advance(TimeSpan.FromSeconds(2));
            _time.Advance(TimeSpan.FromSeconds(2));
            _latencies.Record(Stage.Fill, 300);
            _time.Advance(TimeSpan.FromSeconds(2.5));
            _latencies.Record(Stage.EndToEnd, 400);
        }

        Assert.Equal(
        [
            ("fill", 0.0, 2.0, 1, 100),
            ("sink", 0, 2, 5, 200),
            ("fill", 4, 2, 1, 300),
            ("end-to-end", 6, 0.5, 1, 400),
        ], Lines());
    }

    [Fact]
    public void The_sum_of_intervals_is_the_whole_run()
    {
        int recorded = 0;
        using (new StageLatencyLog(_latencies, _path, TimeSpan.FromMilliseconds(10)))
        {
            // On the system's clock: the background timer cuts while this thread records, until it has cut a few times.
            var random = new Random(7);
            var clock = Stopwatch.StartNew();
            while (File.ReadLines(_path).Count() < 5 + 5 * 5 && clock.Elapsed.TotalSeconds < 20)
            {
                for (int i = 0; i < 1000; i++, recorded++)
                    _latencies.Record((Stage)(recorded % 5), random.NextInt64(1L << random.Next(1, 40)));

                Thread.Sleep(1);
            }
        }

        var entries = HistogramLogReader.Read(_path).ToList();
        Assert.True(entries.Count >= 5 * 5, $"expected five intervals or more of five stages each, found {entries.Count} lines");
        foreach (Stage stage in StageNames.All)
        {
            var sum = new HdrHistogram(StageLatencies.DefaultLayout);
            foreach (HistogramLogEntry entry in entries.Where(e => e.Tag == stage.Name()))
                sum.Add(entry.Histogram);

            Assert.Equal(recorded / 5, sum.TotalCount);
            Assert.Equal(_latencies.Total(stage).Buckets(), sum.Buckets());
        }
    }

    [Fact]
    public void The_process_end_writes_the_last_interval()
    {
        using var log = new StageLatencyLog(_latencies, _path, TimeSpan.FromHours(1));
        _latencies.Record(Stage.Device, 1000);
        Assert.Empty(HistogramLogReader.Read(_path));

        log.OnProcessExit(null, EventArgs.Empty);

        Assert.Equal("device", Assert.Single(HistogramLogReader.Read(_path)).Tag);
    }

    [Fact]
    public void Disposal_twice_and_intervals_after_it_change_nothing()
    {
        var log = new StageLatencyLog(_latencies, _path, time: _time);
        _latencies.Record(Stage.Device, 1000);
        log.Dispose();
        byte[] written = File.ReadAllBytes(_path);

        _latencies.Record(Stage.Device, 2000);
        log.WriteInterval();
        _time.Advance(TimeSpan.FromSeconds(5));
        log.Dispose();

        Assert.Equal(written, File.ReadAllBytes(_path));
    }

    [Fact]
    public void A_restarted_service_continues_the_file()
    {
        for (int run = 0; run < 2; run++)
        {
            var latencies = new StageLatencies();
            using (new StageLatencyLog(latencies, _path, time: _time))
                latencies.Record(Stage.Device, 1000 + run);

            _time.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal([_start, _start.AddHours(1)], HistogramLogReader.Read(_path).Select(e => e.Start));
    }

    [Fact]
    public void What_a_full_disk_refuses_goes_with_the_next_interval_and_the_failure_is_told_once()
    {
        using var disk = new FailingStream();
        var errors = new List<Exception>();
        var log = new StageLatencyLog(
            _latencies, start => new HistogramLogWriter(disk, "disk", start, "test"), TimeSpan.FromSeconds(1), errors.Add, _time);

        disk.FailAfter = 10;
        _latencies.Record(Stage.Sink, 100);
        _time.Advance(TimeSpan.FromSeconds(1));
        _latencies.Record(Stage.Sink, 200);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.IsType<IOException>(Assert.Single(errors));
        disk.FailAfter = null;
        _latencies.Record(Stage.Sink, 300);
        _time.Advance(TimeSpan.FromSeconds(1));

        HistogramLogEntry entry = Assert.Single(HistogramLogReader.Read(disk.Lines(), "disk"));
        Assert.Equal((_start, TimeSpan.FromSeconds(3), 3), (entry.Start, entry.Length, entry.Histogram.TotalCount));

        disk.FailAfter = 0;
        _latencies.Record(Stage.Sink, 400);
        log.Dispose();
        Assert.Equal(2, errors.Count);
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_an_error_at_once() =>
        Assert.ThrowsAny<IOException>(() => new StageLatencyLog(_latencies, Path.Combine(_path, "no", "such.hlog")));

    [Theory]
    [InlineData(9)]
    [InlineData(24 * 3600 * 1000 + 1)]
    public void An_interval_out_of_range_is_refused(int milliseconds) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new StageLatencyLog(_latencies, _path, TimeSpan.FromMilliseconds(milliseconds)));

    private IEnumerable<(string? Tag, double Start, double Length, long Count, long Max)> Lines() =>
        HistogramLogReader.Read(_path).Select(e =>
            (e.Tag, (e.Start - _start).TotalSeconds, e.Length.TotalSeconds, e.Histogram.TotalCount, e.Histogram.Max));
}
