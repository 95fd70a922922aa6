using System.Diagnostics;
using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Ingest.Kafka;

/// <summary>
/// A batch of vectors with the records they came from. Goes round: filled by the source, run by a device, produced by the sink, and free
/// again when every record is acknowledged. One thread at a time.
/// </summary>
public sealed class KafkaBatch : IDisposable
{
    private readonly List<KafkaRecord> _records = [];
    private readonly List<KafkaPosition> _positions = [];
    private int _unacknowledged = -1;

    /// <summary>Creates a batch.</summary>
    /// <param name="rows">The most vectors, and the most records.</param>
    /// <param name="values">The most elements.</param>
    /// <param name="maxMessageBytes">The largest message; the batch keeps keys and what else formats need of about four times that.</param>
    /// <param name="memory">Where the vectors' memory comes from.</param>
    public KafkaBatch(int rows, int values, int maxMessageBytes, BatchMemory? memory = null)
    {
        Vectors = new VectorBatch(rows, values, memory);
        Arena = new ByteArena(checked(Math.Max(rows * 64, 65536) + (4 * maxMessageBytes)));
    }

    /// <summary>The vectors.</summary>
    public VectorBatch Vectors { get; }

    /// <summary>The number of records.</summary>
    public int Count { get; private set; }

    /// <summary>When the first record came in.</summary>
    public long FilledSince { get; private set; }

    /// <summary>When the batch left for the device.</summary>
    public long SealedAt { get; set; }

    /// <summary>When its results were ready for the sink.</summary>
    public long ReadyAt { get; set; }

    /// <summary>Whether the cluster has acknowledged every record.</summary>
    public bool IsDelivered => Volatile.Read(ref _unacknowledged) == 0;

    /// <summary>The records that the cluster has not acknowledged yet.</summary>
    public int Unacknowledged => Volatile.Read(ref _unacknowledged) is var left and >= 0 ? left : Count;

    /// <summary>The records, in the order they were consumed.</summary>
    public KafkaRecord this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return _records[index];
        }
    }

    internal ByteArena Arena { get; }

    internal IReadOnlyList<KafkaPosition> Positions => _positions;

    /// <summary>Wipes the memory and gives it back.</summary>
    public void Dispose()
    {
        Vectors.Dispose();
        Arena.Dispose();
    }

    internal bool HasRoomForRecord(int keySize) => Count < Vectors.RowCapacity && Arena.HasRoom(keySize);

    internal KafkaRecord Append(KafkaRoute route, Confluent.Kafka.Headers? headers)
    {
        if (Count == _records.Count)
            _records.Add(new KafkaRecord(this));
        KafkaRecord record = _records[Count++];
        record.Reset(route, headers);
        if (Count == 1)
            FilledSince = Stopwatch.GetTimestamp();
        return record;
    }

    /// <summary>Takes the last record away again.</summary>
    internal void RemoveLast() => Count--;

    /// <summary>Notes that everything of a partition before <paramref name="next"/> is in this batch or an earlier one.</summary>
    internal void NotePosition(string topic, int partition, int generation, long next)
    {
        for (int i = _positions.Count - 1; i >= 0; i--)
        {
            KafkaPosition position = _positions[i];
            if (position.Partition == partition && position.Generation == generation && position.Topic == topic)
            {
                _positions[i] = position with { Next = next };
                return;
            }
        }

        _positions.Add(new KafkaPosition(topic, partition, generation, next));
    }

    /// <summary>From now on the batch waits for as many acknowledgements as it has records.</summary>
    internal void StartDelivery() => Volatile.Write(ref _unacknowledged, Count);

    /// <summary>Counts one record as acknowledged; true for the last.</summary>
    internal bool Acknowledge() => Interlocked.Decrement(ref _unacknowledged) == 0;

    /// <summary>Empties the batch for its next round.</summary>
    public void Clear()
    {
        Vectors.Clear();
        Arena.Clear();
        _positions.Clear();
        for (int i = 0; i < Count; i++)
            _records[i].Headers = null;
        Count = 0;
        Volatile.Write(ref _unacknowledged, -1);
    }
}
