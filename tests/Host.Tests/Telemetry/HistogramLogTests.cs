using System.Runtime.Versioning;
using FsCheck;
using FsCheck.Fluent;
using GpuCrypt.Host.Telemetry;

namespace GpuCrypt.Host.Tests.Telemetry;

public sealed class HistogramLogTests : IDisposable
{
    private static readonly DateTimeOffset _start = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_250);
    private static readonly HdrLayout _hour = new(1, 3_600_000_000_000, 3);

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.hlog");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void A_log_reads_back_as_it_was_written()
    {
        var intervals =
            from tag in Gen.Elements<string?>("sink", "end-to-end", null)
            from milliseconds in Gen.Choose(1, 100_000)
            from values in HdrGenerators.Values(_hour.HighestTrackable).ListOf()
            select (tag, TimeSpan.FromMilliseconds(milliseconds), values.ToArray());

        Prop.ForAll(intervals.ListOf().ToArbitrary(), log =>
        {
            DateTimeOffset at = _start;
            var written = new List<HistogramLogEntry>();
            using (var writer = HistogramLogWriter.Create(_path, _start, "test"))
            {
                foreach ((string? tag, TimeSpan length, long[] values) in log)
                {
                    HdrHistogram histogram = HdrGenerators.Histogram(_hour, values);
                    writer.Add(tag, at, length, histogram);
                    written.Add(new(tag, at, length, Math.Round(histogram.Max / 1e6, 3), histogram));
                    at += length;
                }
            }

            AssertSame(written, [.. HistogramLogReader.Read(_path)]);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_log_begins_with_the_lines_of_format_1_3()
    {
        using (var writer = HistogramLogWriter.Create(_path, _start, "Logged by a test"))
            writer.Add("sink", _start.AddSeconds(1), TimeSpan.FromSeconds(1.5), HdrGenerators.Histogram(_hour, [2_500_000]));

        // The maximum is the end of its bucket, 2,500,607 ns, as in the Java implementation's logs.
        string[] lines = File.ReadAllLines(_path);
        Assert.Equal(
        [
            "#Logged by a test",
            "#[Histogram log format version 1.3]",
            "#[StartTime: 1700000000.250 (seconds since epoch), 2023-11-14T22:13:20.250Z]",
            "#[BaseTime: 1700000000.250 (seconds since epoch)]",
            "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"",
        ], lines[..5]);
        Assert.StartsWith("Tag=sink,1.000,1.500,2.501,HISTFAAAA", Assert.Single(lines[5..]));
    }

    [Fact]
    public void A_log_written_by_the_Java_implementation_is_read()
    {
        HistogramLogEntry[] entries = [.. HistogramLogReader.Read(HdrFixtures.Log, "fixture")];

        var milliseconds = HdrGenerators.Histogram(_hour, Enumerable.Range(1, 1000).Select(i => i * 1_000_000L));
        var nine = new HdrHistogram(new HdrLayout(1, 3_600_000_000_000, 2));
        nine.Record(42, 9);
        AssertSame(
        [
            new("sink", _start.AddSeconds(1), TimeSpan.FromSeconds(1), 1000.342, milliseconds),
            new(null, _start.AddSeconds(2), TimeSpan.FromSeconds(0.5), 0, nine),
        ], entries);
    }

    [Theory]
    [InlineData("#[StartTime: 1700000000.250 (seconds since epoch), x]", "1.000", 1)] // over a year before: relative
    [InlineData("#[StartTime: 1700000000.250 (seconds since epoch), x]", "1700000001.250", 1)] // absolute
    [InlineData("#no times", "1700000001.250", 1)]
    public void Without_a_base_time_interval_times_are_taken_as_the_format_says(string header, string start, int secondsAfterStart)
    {
        string line = HdrFixtures.Log[5].Replace("Tag=sink,1.000,", $"Tag=sink,{start},");

        HistogramLogEntry entry = Assert.Single(HistogramLogReader.Read([header, line], "test"));

        Assert.Equal(_start.AddSeconds(secondsAfterStart), entry.Start);
    }

    [Theory]
    [InlineData("1.000,1.000", "found 2 fields")]
    [InlineData("Tag=sink,1.000,1.000,2.000,a,b", "found 5 fields")]
    [InlineData("one,1.000,2.000,HISTFAAAAA==", "field start: expected a number, found 'one'")]
    [InlineData("1.000,1e300,2.000,HISTFAAAAA==", "field length")]
    [InlineData("1.000,1.000,2.000,HIST~", "field histogram")]
    [InlineData("1.000,1.000,2.000,HISTFAAAACN42pNpmSzMwMDA", "field histogram")]
    [InlineData("#[BaseTime: soon]", "field BaseTime")]
    public void A_malformed_line_is_refused_by_number_and_field(string line, string named)
    {
        var error = Assert.Throws<InvalidDataException>(() => HistogramLogReader.Read(["#comment", line], "broken.hlog").ToList());

        Assert.StartsWith("broken.hlog, line 2", error.Message);
        Assert.Contains(named, error.Message);
    }

    [Fact]
    public void Flushed_lines_are_in_the_file_while_the_writer_is_open()
    {
        using var writer = HistogramLogWriter.Create(_path, _start, "test");
        writer.Add("sink", _start, TimeSpan.FromSeconds(1), HdrGenerators.Histogram(_hour, [1]));
        Assert.Empty(HistogramLogReader.Read(_path));

        writer.Flush();

        Assert.Single(HistogramLogReader.Read(_path));
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public void A_new_log_is_readable_and_writable_by_its_owner_alone()
    {
        HistogramLogWriter.Create(_path, _start, "test").Dispose();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_path));
    }

    [Fact]
    public void Appending_keeps_earlier_runs_and_drops_a_last_line_cut_short()
    {
        WriteOne(HistogramLogWriter.Create(_path, _start, "first"), _start);
        File.AppendAllText(_path, "Tag=sink,9.000,1.000,2.000,HISTFAAA" + new string('A', 10_000));
        DateTimeOffset later = _start.AddHours(1);

        WriteOne(HistogramLogWriter.Append(_path, later, "second"), later);

        Assert.Equal([_start, later], HistogramLogReader.Read(_path).Select(e => e.Start));
        Assert.Equal(2, File.ReadLines(_path).Count(l => l.StartsWith("#[StartTime:", StringComparison.Ordinal)));
    }

    [Fact]
    public void Creating_replaces_what_a_file_held()
    {
        WriteOne(HistogramLogWriter.Create(_path, _start, "first"), _start);
        DateTimeOffset later = _start.AddHours(1);

        WriteOne(HistogramLogWriter.Create(_path, later, "second"), later);

        Assert.Equal(later, Assert.Single(HistogramLogReader.Read(_path)).Start);
    }

    [Fact]
    public void Clamped_recordings_are_told_in_a_comment()
    {
        using (var writer = HistogramLogWriter.Create(_path, _start, "test"))
            writer.Add("sink", _start, TimeSpan.FromSeconds(1), HdrGenerators.Histogram(_hour, [-1, -2, long.MaxValue, 5]));

        Assert.Contains("#[Clamped: sink, 1 recorded at the highest value 3600000000000, 2 negative recorded at 0]", File.ReadAllLines(_path));
        Assert.Equal(4, Assert.Single(HistogramLogReader.Read(_path)).Histogram.TotalCount);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a,b")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    public void A_tag_that_readers_would_split_is_refused(string tag)
    {
        using var writer = HistogramLogWriter.Create(_path, _start, "test");

        Assert.Throws<ArgumentException>(() => writer.Add(tag, _start, TimeSpan.Zero, new HdrHistogram(_hour)));
    }

    [Fact]
    public void A_failed_write_leaves_whole_lines_only()
    {
        using var disk = new FailingStream();
        using var writer = new HistogramLogWriter(disk, "disk", _start, "test");
        writer.Add("sink", _start, TimeSpan.FromSeconds(1), HdrGenerators.Histogram(_hour, [1]));
        writer.Flush();

        disk.FailAfter = 20;
        writer.Add("fill", _start, TimeSpan.FromSeconds(1), HdrGenerators.Histogram(_hour, [2]));
        Assert.Throws<IOException>(writer.Flush);
        Assert.Equal(["sink"], Tags(disk));

        disk.FailAfter = null;
        writer.Add("device", _start, TimeSpan.FromSeconds(1), HdrGenerators.Histogram(_hour, [3]));
        writer.Flush();
        Assert.Equal(["sink", "device"], Tags(disk));
    }

    private static IEnumerable<string?> Tags(FailingStream disk) => HistogramLogReader.Read(disk.Lines(), "disk").Select(e => e.Tag);

    private static void WriteOne(HistogramLogWriter writer, DateTimeOffset at)
    {
        using (writer)
            writer.Add("sink", at, TimeSpan.FromSeconds(1), HdrGenerators.Histogram(_hour, [1]));
    }

    private static void AssertSame(List<HistogramLogEntry> expected, HistogramLogEntry[] actual)
    {
        Assert.Equal(expected.Count, actual.Length);
        foreach ((HistogramLogEntry e, HistogramLogEntry a) in expected.Zip(actual))
        {
            Assert.Equal((e.Tag, e.Start, e.Length), (a.Tag, a.Start, a.Length));
            Assert.Equal(e.Max, a.Max, 0.0011);
            Assert.Equal(e.Histogram.Layout, a.Histogram.Layout);
            Assert.Equal(e.Histogram.Buckets(), a.Histogram.Buckets());
        }
    }
}
