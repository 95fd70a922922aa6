namespace GpuCrypt.Ingest.Kafka.Embedded;

/// <summary>
/// One partition's records between produce and the readers' acknowledgement, oldest first: their sizes, and their offsets once the broker has reported them.
/// Not thread-safe.
/// </summary>
internal sealed class OutstandingRecords(long windowBytes, int windowRecords)
{
    private readonly Queue<int> _sizes = new();

    // The offsets of the oldest records: the broker reports a partition's records in the order in which they were produced.
    private readonly Queue<long> _offsets = new();
    private long _position = -1;

    // Records that the readers acknowledged by count before the broker's report came: they still lie in the client's queue.
    private int _unreported;

    public long Bytes { get; private set; }

    public int Count => _sizes.Count;

    /// <summary>Whether a record of this size may go out now. A record larger than the window may when it is alone, or it would wait for ever.</summary>
    public bool HasRoomFor(int size)
        => Count + _unreported == 0 || (Count + _unreported < windowRecords && Bytes + size <= windowBytes);

    public void Add(int size)
    {
        _sizes.Enqueue(size);
        Bytes += size;
    }

    /// <summary>The broker has given this offset to the oldest record that had none.</summary>
    public void Delivered(long offset)
    {
        if (_unreported > 0)
        {
            _unreported--;
            return;
        }
        _offsets.Enqueue(offset);
        ReleaseBelowPosition();
    }

    /// <summary>The readers have acknowledged the oldest <paramref name="records"/> records.</summary>
    public void Release(int records)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(records);
        if (records > Count)
            throw new ArgumentOutOfRangeException(nameof(records), records, $"{records} records acknowledged, expected at most the {Count} outstanding.");
        for (int i = 0; i < records; i++)
            ReleaseOldest();
    }

    /// <summary>The readers need nothing below <paramref name="position"/>. A position behind an earlier one changes nothing.</summary>
    public void ReleaseTo(long position)
    {
        _position = Math.Max(_position, position);
        ReleaseBelowPosition();
    }

    private void ReleaseBelowPosition()
    {
        while (_offsets.TryPeek(out long offset) && offset < _position)
            ReleaseOldest();
    }

    private void ReleaseOldest()
    {
        Bytes -= _sizes.Dequeue();
        if (!_offsets.TryDequeue(out _))
            _unreported++;
    }
}
