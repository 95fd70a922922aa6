using System.Globalization;

namespace GpuCrypt.Host;

/// <summary>
/// Shows how far a long run has come: at a terminal one line that is rewritten, elsewhere a plain line every few seconds, so that short
/// runs say nothing. Thread-safe.
/// </summary>
internal sealed class ProgressReporter
{
    private static readonly TimeSpan TerminalInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly TextWriter _error;
    private readonly string _title;
    private readonly bool _isTerminal;
    private readonly TimeProvider _clock;
    private readonly long _started;
    private long _lastShown;
    private int _lineLength;

    /// <summary>Starts the clock.</summary>
    /// <param name="error">Where progress goes: standard error.</param>
    /// <param name="title">What is being done: <c>encrypt</c>.</param>
    /// <param name="isTerminal">Whether a person looks at it.</param>
    /// <param name="clock">The clock; the system's when null.</param>
    public ProgressReporter(TextWriter error, string title, bool isTerminal, TimeProvider? clock = null)
    {
        _error = error;
        _title = title;
        _isTerminal = isTerminal;
        _clock = clock ?? TimeProvider.System;
        _started = _lastShown = _clock.GetTimestamp();
    }

    /// <summary>The time since the start.</summary>
    public TimeSpan Elapsed => _clock.GetElapsedTime(_started);

    /// <summary>Says how far the run is; shown when the last showing is long enough ago.</summary>
    /// <param name="done">The rows done.</param>
    /// <param name="total">The rows there are; negative when only their bytes are known.</param>
    /// <param name="bytesDone">The bytes read.</param>
    /// <param name="bytesTotal">The bytes there are; 0 or less when unknown.</param>
    public void Report(long done, long total, long bytesDone = 0, long bytesTotal = 0)
    {
        lock (_lock)
        {
            if (!IsTime())
                return;
            double part = total > 0 ? (double)done / total : bytesTotal > 0 ? (double)bytesDone / bytesTotal : double.NaN;
            TimeSpan elapsed = Elapsed;
            double rate = elapsed > TimeSpan.Zero ? done / elapsed.TotalSeconds : 0;
            string count = total > 0 ? $"{done:N0} of {total:N0} vectors" : $"{done:N0} vectors";
            Show(Line(string.Create(CultureInfo.InvariantCulture, $"{count}, {rate:N0}/s"), Math.Min(1, part)));
        }
    }

    /// <summary>Says how far a run is that does not go by vectors; shown when the last showing is long enough ago.</summary>
    /// <param name="what">What is being done now.</param>
    /// <param name="part">The part of the whole that is done, 0 to 1.</param>
    public void Report(string what, double part)
    {
        lock (_lock)
        {
            if (IsTime())
                Show(Line(what, part));
        }
    }

    /// <summary>Takes the line away, so that results can be written.</summary>
    public void Finish()
    {
        lock (_lock)
        {
            if (_lineLength > 0)
                _error.Write("\r" + new string(' ', _lineLength) + "\r");
            _lineLength = 0;
        }
    }

    /// <summary>A duration as <c>1:02:03</c>, <c>2:03</c> or <c>0.4 s</c>.</summary>
    public static string Duration(TimeSpan time) => time.TotalSeconds switch
    {
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        < 3600 => time.ToString(@"m\:ss", CultureInfo.InvariantCulture),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(time.TotalHours):0}:{time:mm\\:ss}"),
    };

    private bool IsTime()
    {
        if (_clock.GetElapsedTime(_lastShown) < (_isTerminal ? TerminalInterval : PlainInterval))
            return false;
        _lastShown = _clock.GetTimestamp();
        return true;
    }

    private string Line(string what, double part)
    {
        string line = $"{_title}: {what}";
        if (part is > 0 and <= 1)
            line += string.Create(CultureInfo.InvariantCulture, $", {part:P0}, {Duration(Elapsed * ((1 - part) / part))} left");
        return line;
    }

    private void Show(string line)
    {
        if (!_isTerminal)
        {
            _error.WriteLine(line);
            return;
        }

        _error.Write("\r" + line.PadRight(_lineLength));
        _error.Flush();
        _lineLength = line.Length;
    }
}
