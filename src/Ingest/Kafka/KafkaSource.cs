using System.Buffers.Binary;
using System.Diagnostics;
using Confluent.Kafka;
using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Ingest.Kafka;

/// <summary>
/// Consumes records straight from librdkafka's memory into the rows of batches, and stores the offsets of batches that were delivered.
/// <see cref="Run"/> owns the calling thread; <see cref="StoreOffsets"/> is thread-safe.
/// </summary>
public sealed class KafkaSource : IDisposable
{
    // Topic names have at most 249 characters; partition and offset follow.
    private const int LongestPositionId = 249 + sizeof(int) + sizeof(long);

    private static readonly TimeSpan IdlePoll = TimeSpan.FromMilliseconds(100);

    // Pausing drops what the client has fetched ahead, so a short shortage of batches is waited out.
    private static readonly TimeSpan PauseAfter = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<string, KafkaRoute> _routes;
    private readonly RecordReader _reader;
    private readonly BatchRing<KafkaBatch> _ring;
    private readonly KafkaSourceOptions _options;
    private readonly IKafkaSourceObserver _observer;
    private readonly IConsumer<bool, KafkaRecord?> _consumer;
    private readonly Assignment _assignment = new();
    private KafkaRoute? _lastRoute;
    private KafkaRoute? _generationRoute;
    private int _generationPartition;
    private int _generation;
    private KafkaBatch? _current;
    private KafkaBatch? _spare;
    private bool _paused;
    private CancellationToken _stop;

    /// <summary>Creates the consumer.</summary>
    /// <param name="config">The client's configuration; offsets must be stored by hand (<c>enable.auto.offset.store=false</c>).</param>
    /// <param name="routes">The source topics.</param>
    /// <param name="names">The names of headers.</param>
    /// <param name="ring">The batches.</param>
    /// <param name="options">How batches are filled.</param>
    /// <param name="observer">Who takes filled batches.</param>
    public KafkaSource(
        ConsumerConfig config, IReadOnlyCollection<KafkaRoute> routes, RecordHeaderNames names, BatchRing<KafkaBatch> ring, KafkaSourceOptions options, IKafkaSourceObserver observer)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(routes);
        ArgumentNullException.ThrowIfNull(ring);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(observer);
        NativeLibrdkafka.Load();
        _routes = routes.ToDictionary(r => r.Source, StringComparer.Ordinal);
        _reader = new RecordReader(names, options);
        _ring = ring;
        _options = options;
        _observer = observer;
        _consumer = new ConsumerBuilder<bool, KafkaRecord?>(config)
            .SetKeyDeserializer(new KeyReader(this))
            .SetValueDeserializer(new ValueReader(this))
            .SetPartitionsAssignedHandler((_, partitions) => OnAssigned(partitions))
            .SetPartitionsRevokedHandler((_, partitions) => OnRevoked(partitions))
            .SetPartitionsLostHandler((_, partitions) => OnLost(partitions))
            .SetErrorHandler((_, error) => observer.OnSourceError(error))
            .SetLogHandler((_, message) => observer.OnSourceLog(message))
            .Build();
    }

    /// <summary>Consumes until told to stop, then hands over what it has. Offsets can still be stored afterwards, until <see cref="Close"/>.</summary>
    /// <exception cref="KafkaException">The client cannot go on.</exception>
    public void Run(CancellationToken stop)
    {
        _stop = stop;
        _consumer.Subscribe(_routes.Keys);
        while (!stop.IsCancellationRequested)
        {
            HaveBatches();
            Poll(_current is { Count: > 0 } ? LingerLeft() : IdlePoll);
            HandOverIfDue();
        }

        HandOver();
    }

    /// <summary>Stores the offsets of a batch whose records are all delivered, as far as its partitions are still this consumer's.</summary>
    public void StoreOffsets(KafkaBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        foreach (KafkaPosition position in batch.Positions)
            _assignment.Store(_consumer, position);
    }

    /// <summary>Commits the stored offsets and leaves the group.</summary>
    /// <returns>False when the commit failed: the records since the last one will be consumed again.</returns>
    public bool Close()
    {
        bool committed = Commit(_assignment.Stored());
        _consumer.Close();
        return committed;
    }

    /// <summary>Closes the client without committing.</summary>
    public void Dispose() => _consumer.Dispose();

    private static void SetPositionId(KafkaRecord record)
    {
        Span<byte> id = stackalloc byte[LongestPositionId];
        byte[] topic = record.Route.SourceUtf8;
        topic.CopyTo(id);
        BinaryPrimitives.WriteInt32LittleEndian(id[topic.Length..], record.Partition);
        BinaryPrimitives.WriteInt64LittleEndian(id[(topic.Length + sizeof(int))..], record.Offset);
        VectorBatch vectors = record.Batch.Vectors;
        for (int i = 0; i < record.Fields.Rows; i++)
        {
            // Room was kept for it.
            if (!vectors.TrySetRecordId(record.FirstRow + i, id[..(topic.Length + sizeof(int) + sizeof(long))], i))
                throw new InvalidOperationException("the batch has no room for a record's position, which was to be kept free");
        }
    }

    /// <summary>Sees to it that there is a batch to fill and another for a record that does not fit, or holds consumption back.</summary>
    private void HaveBatches()
    {
        _current ??= _spare;
        if (ReferenceEquals(_current, _spare))
            _spare = null;
        if (_current is null && !_ring.TryTake(_paused ? TimeSpan.Zero : PauseAfter, out _current))
        {
            HoldBack();
            return;
        }

        // A record already lingers: it must not wait for a spare batch.
        TimeSpan patience = _paused || _current.Count > 0 ? TimeSpan.Zero : PauseAfter;
        if (_spare is null && !_ring.TryTake(patience, out _spare))
        {
            HoldBack();
            return;
        }

        if (_paused)
        {
            _paused = false;
            _consumer.Resume(_consumer.Assignment);
            _observer.OnPaused(false);
        }
    }

    private void HoldBack()
    {
        if (_paused || _current is { Count: > 0 })
            return;
        _paused = true;
        _consumer.Pause(_consumer.Assignment);
        _observer.OnPaused(true);
    }

    private TimeSpan LingerLeft()
    {
        TimeSpan left = _options.Linger - Stopwatch.GetElapsedTime(_current!.FirstConsumedAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void HandOverIfDue()
    {
        if (_current is { Count: > 0 } && LingerLeft() == TimeSpan.Zero)
            HandOver();
    }

    private void HandOver()
    {
        if (_current is not { Count: > 0 } batch)
            return;
        _current = null;
        batch.SealedAt = Stopwatch.GetTimestamp();
        _observer.OnBatchFilled(batch);
    }

    private void Poll(TimeSpan timeout)
    {
        ConsumeResult<bool, KafkaRecord?>? result;
        try
        {
            result = _consumer.Consume(timeout);
        }
        catch (ConsumeException e) when (e.Error.Code is ErrorCode.Local_KeyDeserialization or ErrorCode.Local_ValueDeserialization)
        {
            // Readers reject bad records and throw only when told to stop: anything else is a fault, and going on would skip the record.
            if (_stop.IsCancellationRequested)
                return;
            throw;
        }
        catch (ConsumeException e) when (!e.Error.IsFatal)
        {
            // A topic that is not there yet, a broker that went away: the client goes on by itself.
            _observer.OnSourceError(e.Error);
            return;
        }

        if (result?.Message?.Value is not { } record)
            return;
        record.Partition = result.Partition.Value;
        record.Offset = result.Offset.Value;
        record.Timestamp = result.Message.Timestamp;
        if (record.NeedsPositionId)
            SetPositionId(record);
        record.Batch.NotePosition(record.Route.Source, record.Partition, GenerationOf(record), record.Offset + 1);
        _observer.OnRecordConsumed(record);
        if (!HasRoomForAnother(record))
            HandOver();
    }

    /// <summary>Whether a record like the last one would fit.</summary>
    private static bool HasRoomForAnother(KafkaRecord last)
    {
        KafkaBatch batch = last.Batch;
        return batch.HasRoomForRecord(last.Key.Length)
            && batch.Vectors.HasRecordIdRoom(LongestPositionId)
            && (last.Kind != KafkaRecordKind.Vectors || batch.Vectors.HasRoom(last.Fields.Rows, last.Fields.Dimension));
    }

    /// <summary>Hands the filled batch over and goes on with the spare one.</summary>
    private void NextBatch()
    {
        HandOver();
        if (_current is { } empty)
            _ring.Return(empty);
        _current = _spare;
        _spare = null;
        while (_current is null)
        {
            _stop.ThrowIfCancellationRequested();
            _ring.TryTake(IdlePoll, out _current);
        }
    }

    /// <summary>The assignment that a record came under; neighbouring records mostly share theirs.</summary>
    private int GenerationOf(KafkaRecord record)
    {
        if (_generation == 0 || _generationPartition != record.Partition || !ReferenceEquals(_generationRoute, record.Route))
        {
            _generation = _assignment.Generation(record.Route.Source, record.Partition);
            _generationPartition = record.Partition;
            _generationRoute = record.Route;
        }

        return _generation;
    }

    private KafkaRoute RouteOf(string topic)
    {
        if (_lastRoute?.Source != topic)
            _lastRoute = _routes[topic];
        return _lastRoute;
    }

    private void OnAssigned(List<TopicPartition> partitions)
    {
        _assignment.Add(partitions);
        _generation = 0;
        // What is assigned while consumption is held back is not paused yet; the next round pauses all again.
        _paused = false;
        _observer.OnAssigned(partitions);
    }

    private void OnRevoked(List<TopicPartitionOffset> offsets)
    {
        List<TopicPartition> partitions = [.. offsets.Select(o => o.TopicPartition)];
        HandOver();
        int held = (_current is null ? 0 : 1) + (_spare is null ? 0 : 1);
        bool drained = _ring.WaitUntilFree(held, _options.RevocationTimeout);
        Commit(_assignment.Stored(partitions));
        _assignment.Remove(partitions);
        _generation = 0;
        _observer.OnRevoked(partitions, drained);
    }

    private void OnLost(List<TopicPartitionOffset> offsets)
    {
        // Another consumer has them already: nothing of them may be committed.
        List<TopicPartition> partitions = [.. offsets.Select(o => o.TopicPartition)];
        _assignment.Remove(partitions);
        _generation = 0;
        _observer.OnRevoked(partitions, drained: false);
    }

    private bool Commit(List<TopicPartitionOffset> offsets)
    {
        if (offsets.Count == 0)
            return true;
        try
        {
            _consumer.Commit(offsets);
            return true;
        }
        catch (KafkaException e)
        {
            _observer.OnSourceError(e.Error);
            return false;
        }
    }

    /// <summary>The key comes first: it begins the record.</summary>
    private sealed class KeyReader(KafkaSource source) : IDeserializer<bool>
    {
        public bool Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
        {
            if (source._current is null || !source._current.HasRoomForRecord(data.Length))
                source.NextBatch();
            RecordReader.Begin(source._current!, source.RouteOf(context.Topic), context.Headers, data, isNull);
            return !isNull;
        }
    }

    private sealed class ValueReader(KafkaSource source) : IDeserializer<KafkaRecord?>
    {
        public KafkaRecord? Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
        {
            KafkaBatch batch = source._current!;
            if (source._reader.TryRead(batch, data, isNull, out KafkaRecord record))
                return record;
            // The batch is full: the record begins again in the next.
            KafkaRecord unfinished = batch[batch.Count - 1];
            batch.RemoveLast();
            source.NextBatch();
            RecordReader.MoveTo(unfinished, source._current!);
            if (!source._reader.TryRead(source._current!, data, isNull, out record))
                throw new InvalidOperationException("a record that fits an empty batch did not fit one");
            return record;
        }
    }
}
