namespace GpuCrypt.Host.Telemetry;

/// <summary>
/// Writes all stages' latencies, interval by interval and tagged by stage, into one <c>.hlog</c> file in the background, from its creation to its disposal.
/// Each interval is in the file when it is over; the last, shorter one is written on disposal or, failing that, at the process's regular end.
/// A signal that the program does not handle ends it without that (since .NET 10 the runtime does not turn SIGTERM into a regular end), and costs the
/// current interval alone. Stages without recordings in an interval have no line for it. Safe for use by several threads.
/// </summary>
public sealed class StageLatencyLog : IDisposable
{
    private const string Application = "GpuCrypt latencies by stage, nanoseconds; maxima in milliseconds";

    private readonly Lock _lock = new();
    private readonly HistogramLogWriter _writer;
    private readonly HdrIntervalReader[] _intervals;
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _start;
    private readonly long _startTimestamp;
    private readonly ITimer _timer;
    private readonly Action<Exception>? _onError;
    private TimeSpan _intervalStart;
    private bool _failing;
    private bool _disposed;

    /// <summary>Opens the file and starts writing.</summary>
    /// <param name="latencies">What to write.</param>
    /// <param name="path">The file. An existing one is continued with a new header, so that a restarted service keeps its history.</param>
    /// <param name="interval">The intervals' length, 10 ms to 1 day; 1 s when null.</param>
    /// <param name="onError">Told when writing fails, once until it works again. What could not be written goes with the next interval; the service goes on.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">The interval is outside its range.</exception>
    /// <exception cref="IOException">The file cannot be opened or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be opened or written.</exception>
    public StageLatencyLog(StageLatencies latencies, string path, TimeSpan? interval = null, Action<Exception>? onError = null, TimeProvider? time = null)
        : this(latencies, start => HistogramLogWriter.Append(path, start, Application), interval, onError, time)
    {
    }

    internal StageLatencyLog(
        StageLatencies latencies, Func<DateTimeOffset, HistogramLogWriter> open, TimeSpan? interval, Action<Exception>? onError, TimeProvider? time)
    {
        ArgumentNullException.ThrowIfNull(latencies);
        TimeSpan period = interval ?? TimeSpan.FromSeconds(1);
        ArgumentOutOfRangeException.ThrowIfLessThan(period, TimeSpan.FromMilliseconds(10), nameof(interval));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(period, TimeSpan.FromDays(1), nameof(interval));

        _onError = onError;
        _time = time ?? TimeProvider.System;
        _start = _time.GetUtcNow();
        // Intervals are measured on the monotonic clock: a step of the wall clock must not make one negative.
        _startTimestamp = _time.GetTimestamp();
        _intervals = new HdrIntervalReader[StageNames.All.Length];
        for (int i = 0; i < _intervals.Length; i++)
            _intervals[i] = latencies.ReadIntervals((Stage)i);

        _writer = open(_start);
        _timer = _time.CreateTimer(static log => ((StageLatencyLog)log!).OnTimer(), this, period, period);
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
    }

    /// <summary>The file's path.</summary>
    public string Path => _writer.Path;

    /// <summary>Ends the current interval now and writes it. Errors go where the background's go. Does nothing after disposal.</summary>
    public void WriteInterval()
    {
        lock (_lock)
        {
            if (!_disposed)
                WriteIntervalLocked();
        }
    }

    /// <summary>Writes the last interval and closes the file.</summary>
    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        _timer.Dispose();
        lock (_lock)
        {
            if (_disposed)
                return;

            WriteIntervalLocked();
            _disposed = true;
            _writer.Dispose();
        }
    }

    internal void OnProcessExit(object? sender, EventArgs e) => Dispose();

    private void OnTimer()
    {
        // A write that a slow disk holds up longer than an interval must not gather threads behind it.
        if (!_lock.TryEnter())
            return;

        try
        {
            if (!_disposed)
                WriteIntervalLocked();
        }
        finally
        {
            _lock.Exit();
        }
    }

    private void WriteIntervalLocked()
    {
        TimeSpan end = _time.GetElapsedTime(_startTimestamp);
        try
        {
            for (int i = 0; i < _intervals.Length; i++)
            {
                HdrHistogram interval = _intervals[i].Read();
                if (interval.TotalCount > 0)
                    _writer.Add(((Stage)i).Name(), _start + _intervalStart, end - _intervalStart, interval);
            }

            _writer.Flush();
        }
        catch (IOException e)
        {
            if (!_failing)
                _onError?.Invoke(e);

            _failing = true;
            return;
        }

        _failing = false;
        _intervalStart = end;
        foreach (HdrIntervalReader interval in _intervals)
            interval.Commit();
    }
}
