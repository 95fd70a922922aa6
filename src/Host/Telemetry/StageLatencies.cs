using System.Diagnostics;

namespace GpuCrypt.Host.Telemetry;

/// <summary>
/// The latencies of the service's stages, one recorder each. Recording is lock-free, allocates nothing and is safe for any number of threads, while
/// others take snapshots.
/// </summary>
public sealed class StageLatencies
{
    private readonly HdrRecorder[] _recorders;

    /// <summary>Creates recorders that have seen nothing.</summary>
    /// <param name="layout">Range and precision in nanoseconds; <see cref="DefaultLayout"/> when null.</param>
    public StageLatencies(HdrLayout? layout = null)
    {
        layout ??= DefaultLayout;
        _recorders = new HdrRecorder[StageNames.All.Length];
        for (int i = 0; i < _recorders.Length; i++)
            _recorders[i] = new HdrRecorder(layout);
    }

    /// <summary>1 ns to 1 hour with 3 significant digits: 264 KiB a stage.</summary>
    public static HdrLayout DefaultLayout { get; } = new(1, 3_600_000_000_000, 3);

    /// <summary>Records how long one record took in a stage. Negative times and times above the range are clamped, and counted as such.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="nanoseconds">The time.</param>
    public void Record(Stage stage, long nanoseconds) => _recorders[(int)stage].Record(nanoseconds);

    /// <summary>Records how long each of several records took in a stage, as the rows of one batch.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="nanoseconds">The time.</param>
    /// <param name="count">How many records; at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public void Record(Stage stage, long nanoseconds, long count) => _recorders[(int)stage].Record(nanoseconds, count);

    /// <summary>Records the time since a reading of <see cref="Stopwatch.GetTimestamp"/>.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="startTimestamp">The reading at the start.</param>
    /// <param name="count">How many records it holds for; at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public void RecordSince(Stage stage, long startTimestamp, long count = 1) =>
        Record(stage, NanosecondsSince(startTimestamp), count);

    /// <summary>Records the time since a wall-clock time in milliseconds since 1970, the form of a Kafka record's timestamp.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="unixMilliseconds">The wall-clock time at the start.</param>
    /// <param name="count">How many records it holds for; at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public void RecordSinceUnixMilliseconds(Stage stage, long unixMilliseconds, long count = 1)
    {
        long now = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks;
        // Saturating, so that a timestamp far outside any clock's range is clamped by the recorder like any other.
        Int128 elapsed = (now - (Int128)unixMilliseconds * TimeSpan.TicksPerMillisecond) * TimeSpan.NanosecondsPerTick;
        Record(stage, long.CreateSaturating(elapsed), count);
    }

    /// <summary>A copy of all that a stage has recorded since the start.</summary>
    /// <param name="stage">The stage.</param>
    public HdrHistogram Total(Stage stage) => _recorders[(int)stage].Total();

    /// <summary>The stages' figures since the start, in a record's order.</summary>
    public IReadOnlyList<StageSummary> Snapshot()
    {
        var summaries = new StageSummary[_recorders.Length];
        for (int i = 0; i < summaries.Length; i++)
            summaries[i] = StageSummary.Of((Stage)i, _recorders[i].Total());

        return summaries;
    }

    /// <summary>A reader that cuts a stage's recordings into intervals, independent of other readers.</summary>
    /// <param name="stage">The stage.</param>
    public HdrIntervalReader ReadIntervals(Stage stage) => new(_recorders[(int)stage]);

    private static long NanosecondsSince(long startTimestamp)
    {
        long elapsed = Stopwatch.GetTimestamp() - startTimestamp;
        // Linux counts nanoseconds; TimeSpan would round them to hundreds.
        return Stopwatch.Frequency == 1_000_000_000 ? elapsed : (long)(elapsed * (1e9 / Stopwatch.Frequency));
    }
}
