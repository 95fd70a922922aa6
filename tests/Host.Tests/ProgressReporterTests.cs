namespace GpuCrypt.Host.Tests;

public sealed class ProgressReporterTests : IDisposable
{
    private readonly StringWriter _error = new() { NewLine = "\n" };
    private readonly TestClock _clock = new();

    public void Dispose() => _error.Dispose();

    [Fact]
    public void Elsewhere_than_at_a_terminal_there_is_a_plain_line_every_few_seconds()
    {
        var progress = new ProgressReporter(_error, "encrypt", isTerminal: false, _clock);
        _clock.Advance(TimeSpan.FromSeconds(4));
        progress.Report(1000, 10_000);
        Assert.Empty(_error.ToString());
        _clock.Advance(TimeSpan.FromSeconds(1));
        progress.Report(1250, 10_000);
        progress.Report(1251, 10_000);
        Assert.Equal("encrypt: 1,250 of 10,000 vectors, 250/s, 12 %, 0:35 left\n", _error.ToString());
        progress.Finish();
        Assert.EndsWith("left\n", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void At_a_terminal_one_line_is_rewritten_and_taken_away()
    {
        var progress = new ProgressReporter(_error, "decrypt", isTerminal: true, _clock);
        _clock.Advance(TimeSpan.FromSeconds(1));
        progress.Report(3_000_000, -1, 75, 100);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        progress.Report(3_000_001, -1, 76, 100);
        Assert.Equal("\rdecrypt: 3,000,000 vectors, 3,000,000/s, 75 %, 0.3 s left", _error.ToString());
        _clock.Advance(TimeSpan.FromSeconds(2));
        progress.Report(9, -1);
        string second = _error.ToString()["\rdecrypt: 3,000,000 vectors, 3,000,000/s, 75 %, 0.3 s left".Length..];
        Assert.Equal("\rdecrypt: 9 vectors, 3/s", second.TrimEnd());
        Assert.Equal("\rdecrypt: 3,000,000 vectors, 3,000,000/s, 75 %, 0.3 s left".Length, second.Length);
        progress.Finish();
        Assert.EndsWith(" \r", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_go_by_vectors_is_named()
    {
        var progress = new ProgressReporter(_error, "bench", isTerminal: false, _clock);
        progress.Report("encrypt, d = 384", 0);
        _clock.Advance(TimeSpan.FromSeconds(5));
        progress.Report("encrypt, d = 768", 0.25);
        progress.Report("decrypt, d = 768", 0.3);
        _clock.Advance(TimeSpan.FromSeconds(5));
        progress.Report("decrypt, d = 768", 1);
        Assert.Equal("bench: encrypt, d = 768, 25 %, 0:15 left\nbench: decrypt, d = 768, 100 %, 0.0 s left\n", _error.ToString());
    }

    [Theory]
    [InlineData(0.44, "0.4 s")]
    [InlineData(59, "0:59")]
    [InlineData(61, "1:01")]
    [InlineData(3723, "1:02:03")]
    [InlineData(360000, "100:00:00")]
    public void Durations_are_short(double seconds, string expected) => Assert.Equal(expected, ProgressReporter.Duration(TimeSpan.FromSeconds(seconds)));

    private sealed class TestClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan time) => _ticks += time.Ticks;

        public override long GetTimestamp() => _ticks;
    }
}
