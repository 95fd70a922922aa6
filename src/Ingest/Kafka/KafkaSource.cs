using System.Buffers.Binary;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
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

    private const int CommitAttempts = 10;
    private static readonly TimeSpan CommitRetryAfter = TimeSpan.FromMilliseconds(50);

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
    private readonly Queue<HeldRecord> _held = new();
    private HeldRecord? _arriving;
    private KafkaBatch? _current;
    private bool _paused;
    private bool _pauseIncomplete;
    private bool _closing;
    private bool _abandoned;

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
        _consumer.Subscribe(_routes.Keys);
        while (!stop.IsCancellationRequested)
        {
            HaveBatch();
            PlaceHeld();
            Poll(PollTime());
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
    /// <param name="timeout">How long to wait. Without a coordinator the client alone would take twice the session timeout.</param>
    /// <returns>False when the commit failed or took too long: the records since the last one will be consumed again.</returns>
    public bool Close(TimeSpan timeout)
    {
        _closing = true;
        bool committed = false;
        var closing = new Thread(() =>
        {
            try
            {
                committed = Commit(_assignment.Stored());
                _consumer.Close();
            }
            catch (KafkaException e)
            {
                _observer.OnSourceError(e.Error);
            }
        })
        { IsBackground = true, Name = "gpucrypt-close" };
        closing.Start();
        _abandoned = !closing.Join(timeout);
        return !_abandoned && committed;
    }

    /// <summary>Closes the client without committing. A client that could not be closed in time is left to the end of the process.</summary>
    public void Dispose()
    {
        if (!_abandoned)
            _consumer.Dispose();
    }

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

    /// <summary>Sees to it that there is a batch to fill, or holds consumption back.</summary>
    private void HaveBatch()
    {
        // While consumption is held back this is where to wait: what comes free is taken at once.
        if (_current is null && !_ring.TryTake(_paused ? IdlePoll : PauseAfter, out _current))
        {
            HoldBack();
            return;
        }

        if (_paused)
        {
            _paused = _pauseIncomplete = false;
            _consumer.Resume(_consumer.Assignment);
            _observer.OnPaused(false);
        }
    }

    private void HoldBack()
    {
        if (_paused && !_pauseIncomplete)
            return;
        _consumer.Pause(_consumer.Assignment);
        _pauseIncomplete = false;
        if (_paused)
            return;
        _paused = true;
        _observer.OnPaused(true);
    }

    private TimeSpan PollTime()
    {
        if (_current is { Count: > 0 })
            return LingerLeft();
        return _paused ? TimeSpan.Zero : IdlePoll;
    }

    private TimeSpan LingerLeft()
    {
        TimeSpan left = _options.Linger - Stopwatch.GetElapsedTime(_current!.FilledSince);
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
        _arriving = null;
        ConsumeResult<bool, KafkaRecord?>? result;
        try
        {
            result = _consumer.Consume(timeout);
        }
        catch (ConsumeException e) when (e.Error.Code is ErrorCode.Local_KeyDeserialization or ErrorCode.Local_ValueDeserialization)
        {
            // Readers reject bad records and throw only at a fault of our own (the device, the keyring's counters): going on would skip the record.
            if (e.InnerException is { } fault)
                ExceptionDispatchInfo.Throw(fault);
            throw;
        }
        catch (ConsumeException e) when (!e.Error.IsFatal)
        {
            // A topic that is not there yet, a broker that went away: the client goes on by itself.
            _observer.OnSourceError(e.Error);
            return;
        }

        if (result?.Message is not { } message)
            return;
        if (message.Value is { } record)
        {
            Finish(record, result.Partition.Value, result.Offset.Value, message.Timestamp);
        }
        else if (_arriving is { } held)
        {
            held.Partition = result.Partition.Value;
            held.Offset = result.Offset.Value;
            held.Timestamp = message.Timestamp;
            _held.Enqueue(held);
        }
    }

    /// <summary>Gives a record that was read its place, and the batch away when another like it would not fit.</summary>
    private void Finish(KafkaRecord record, int partition, long offset, Timestamp timestamp)
    {
        record.Partition = partition;
        record.Offset = offset;
        record.Timestamp = timestamp;
        if (record.NeedsPositionId)
            SetPositionId(record);
        record.Batch.NotePosition(record.Route.Source, partition, GenerationOf(record), offset + 1);
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

    /// <summary>Puts records that had to wait for a batch into batches, in the order they came.</summary>
    private void PlaceHeld()
    {
        while (_held.TryPeek(out HeldRecord? held) && TryBegin(held.Route, held.Headers, held.Key, held.Key is null, held.ConsumedAt)
            && TryReadValue(held.Value, held.Value is null, out KafkaRecord? record, out _))
        {
            _held.Dequeue();
            Finish(record, held.Partition, held.Offset, held.Timestamp);
        }
    }

    private bool TryBegin(KafkaRoute route, Headers? headers, ReadOnlySpan<byte> key, bool keyIsNull, long consumedAt)
    {
        if ((_current is null || !_current.HasRoomForRecord(_reader.KeySize(key))) && !TryNextBatch())
            return false;
        _reader.Begin(_current, route, headers, key, keyIsNull, consumedAt);
        return true;
    }

    /// <summary>Reads the value of the record that was begun last, in the next batch where this one has no room.</summary>
    /// <param name="value">The value.</param>
    /// <param name="isNull">Whether there is none.</param>
    /// <param name="record">The record.</param>
    /// <param name="unfinished">The record as far as it was read, when no batch is free.</param>
    private bool TryReadValue(ReadOnlySpan<byte> value, bool isNull, [NotNullWhen(true)] out KafkaRecord? record, out KafkaRecord? unfinished)
    {
        unfinished = null;
        if (_reader.TryRead(_current!, value, isNull, out record))
            return true;
        // Its key stays where it is until this thread fills that batch again.
        unfinished = record;
        record = null;
        _current!.RemoveLast();
        if (!TryNextBatch())
            return false;
        _reader.MoveTo(unfinished, _current);
        if (!_reader.TryRead(_current, value, isNull, out record))
            throw new InvalidOperationException("a record that fits an empty batch did not fit one");
        return true;
    }

    /// <summary>Hands the filled batch over and goes on with an empty one, if one is free.</summary>
    [MemberNotNullWhen(true, nameof(_current))]
    private bool TryNextBatch()
    {
        HandOver();
        if (_current is { } empty)
        {
            // A record that was taken out again has left its key and id there.
            empty.Clear();
            return true;
        }

        return _ring.TryTake(TimeSpan.Zero, out _current);
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
        // What is assigned while consumption is held back is not paused yet.
        _pauseIncomplete = _paused;
        _observer.OnAssigned(partitions);
    }

    private void OnRevoked(List<TopicPartitionOffset> offsets)
    {
        List<TopicPartition> partitions = [.. offsets.Select(o => o.TopicPartition)];
        HandOver();
        int own = _current is null ? 0 : 1;
        // Whoever closes has waited already, as long as it cares to.
        bool drained = _ring.WaitUntilFree(own, _closing ? TimeSpan.Zero : _options.RevocationTimeout);
        bool committed = Commit(_assignment.Stored(partitions));
        Forget(partitions);
        _observer.OnRevoked(partitions, drained && committed);
    }

    private void OnLost(List<TopicPartitionOffset> offsets)
    {
        // Another consumer has them already: nothing of them may be committed.
        List<TopicPartition> partitions = [.. offsets.Select(o => o.TopicPartition)];
        Forget(partitions);
        _observer.OnRevoked(partitions, drained: false);
    }

    private void Forget(List<TopicPartition> partitions)
    {
        // The client remembers a pause when the partition comes back, and then nothing would come of it.
        if (_paused)
            _consumer.Resume(partitions);
        _assignment.Remove(partitions);
        _generation = 0;
        // Records that have not reached a batch are the next consumer's.
        for (int left = _held.Count; left > 0; left--)
        {
            HeldRecord held = _held.Dequeue();
            if (!partitions.Exists(p => p.Topic == held.Route.Source && p.Partition.Value == held.Partition))
                _held.Enqueue(held);
        }
    }

    private bool Commit(List<TopicPartitionOffset> offsets)
    {
        if (offsets.Count == 0)
            return true;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                _consumer.Commit(offsets);
                return true;
            }
            catch (KafkaException e) when (e.Error.Code == ErrorCode.RebalanceInProgress && attempt < CommitAttempts)
            {
                // A group that is between two generations for a moment; the client does not try again by itself.
                Thread.Sleep(CommitRetryAfter);
            }
            catch (KafkaException e)
            {
                _observer.OnSourceError(e.Error);
                return false;
            }
        }
    }

    /// <summary>The key comes first: it begins the record.</summary>
    private sealed class KeyReader(KafkaSource source) : IDeserializer<bool>
    {
        public bool Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
        {
            KafkaRoute route = source.RouteOf(context.Topic);
            long now = Stopwatch.GetTimestamp();
            if (source._held.Count > 0 || !source.TryBegin(route, context.Headers, data, isNull, now))
                source._arriving = HeldRecord.Begin(route, context.Headers, data, isNull, now);
            return !isNull;
        }
    }

    private sealed class ValueReader(KafkaSource source) : IDeserializer<KafkaRecord?>
    {
        public KafkaRecord? Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
        {
            if (source._arriving is null)
            {
                if (source.TryReadValue(data, isNull, out KafkaRecord? record, out KafkaRecord? unfinished))
                    return record;
                source._arriving = HeldRecord.From(unfinished!);
            }

            source._arriving.SetValue(data, isNull);
            return null;
        }
    }
}
