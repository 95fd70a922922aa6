namespace GpuCrypt.Host.Telemetry;

/// <summary>
/// Cuts what a recorder sees into intervals. Several readers of one recorder do not disturb each other; one reader serves one thread at a time.
/// </summary>
/// <param name="recorder">The recorder to read. The first interval begins where the recorder began.</param>
public sealed class HdrIntervalReader(HdrRecorder recorder)
{
    private readonly HdrHistogram _consumed = new(recorder.Layout);
    private readonly HdrHistogram _interval = new(recorder.Layout);

    /// <summary>
    /// The recordings since the last <see cref="Commit"/>. Until the commit a further reading returns them again, with those that came since:
    /// whoever fails to deliver an interval delivers it with the next.
    /// </summary>
    /// <returns>A histogram that the reader owns and that is valid until the next call.</returns>
    public HdrHistogram Read()
    {
        _interval.Clear();
        recorder.ReadInto(_interval, _consumed);
        return _interval;
    }

    /// <summary>Marks what the last <see cref="Read"/> returned as delivered.</summary>
    public void Commit()
    {
        _consumed.Add(_interval);
        _interval.Clear();
    }
}
