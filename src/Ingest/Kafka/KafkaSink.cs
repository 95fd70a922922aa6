using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using GpuCrypt.Ingest.Formats;

namespace GpuCrypt.Ingest.Kafka;

/// <summary>
/// Produces the records of finished batches, in order: results to the sink topic, rejected records to the dead-letter topic, each with the
/// key, headers and timestamp it came with. A batch is delivered when the cluster has acknowledged every record. Producing and retrying are
/// for one thread; acknowledgements arrive on the client's own.
/// </summary>
public sealed class KafkaSink : IDisposable
{
    private static readonly TimeSpan QueueFullWait = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan RefusedWait = TimeSpan.FromSeconds(1);

    private readonly IProducer<KafkaRecord, KafkaRecord> _producer;
    private readonly string _metadataHeader;
    private readonly IKafkaSinkObserver _observer;
    private readonly ExactBuffers _keys = new();
    private readonly ExactBuffers _values = new();
    private readonly ConcurrentQueue<KafkaRecord> _failed = new();
    private readonly Message<KafkaRecord, KafkaRecord> _message = new();
    private byte[] _text = [];

    /// <summary>Creates the producer.</summary>
    /// <param name="config">The client's configuration.</param>
    /// <param name="names">The names of headers.</param>
    /// <param name="observer">Who is told of deliveries and faults.</param>
    public KafkaSink(ProducerConfig config, RecordHeaderNames names, IKafkaSinkObserver observer)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(observer);
        NativeLibrdkafka.Load();
        _metadataHeader = names.Metadata;
        _observer = observer;
        _producer = new ProducerBuilder<KafkaRecord, KafkaRecord>(config)
            .SetKeySerializer(new KeyWriter(this))
            .SetValueSerializer(new ValueWriter(this))
            .SetErrorHandler((_, error) => observer.OnSinkError(error))
            .SetLogHandler((_, message) => observer.OnSinkLog(message))
            .Build();
    }

    /// <summary>Whether records wait for another attempt.</summary>
    public bool HasFailed => !_failed.IsEmpty;

    /// <summary>
    /// Makes the client know the topics now rather than with its first record, which would wait about a second for that.
    /// </summary>
    /// <param name="topics">The sink and dead-letter topics.</param>
    /// <param name="timeout">The longest wait for all of them.</param>
    /// <param name="cancellation">Asks about no further topic.</param>
    /// <returns>The topics that the cluster did not show.</returns>
    public IReadOnlyList<string> WarmUp(IEnumerable<string> topics, TimeSpan timeout, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(topics);
        var time = Stopwatch.StartNew();
        List<string> missing = [];
        foreach (string topic in topics)
        {
            TimeSpan left = timeout - time.Elapsed;
            if (cancellation.IsCancellationRequested || left <= TimeSpan.Zero || TopicWarmup.Ask(_producer.Handle, topic, left) is null)
                missing.Add(topic);
        }

        return missing;
    }

    /// <summary>Produces every record of a batch that a device is done with. Waits while the client's queue is full.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; what was produced may still be delivered.</exception>
    /// <exception cref="KafkaException">The client cannot go on.</exception>
    public void Produce(KafkaBatch batch, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(batch);
        batch.StartDelivery();
        // The batch may be free, and filled again, once its last record is produced: nothing of it is read afterwards.
        int count = batch.Count;
        for (int i = 0; i < count; i++)
        {
            KafkaRecord record = batch[i];
            if (record.Kind == KafkaRecordKind.Vectors && Rejection.TryFind(batch.Vectors, record.FirstRow, record.Fields.Rows, out Rejection rejection))
                record.Reject(rejection);
            if (record.Kind == KafkaRecordKind.Rejected)
                _observer.OnRejected(record);
            Produce(record, cancellation);
        }
    }

    /// <summary>Produces again what the cluster did not take, in the order of the failures.</summary>
    public void RetryFailed(CancellationToken cancellation)
    {
        for (int left = _failed.Count; left > 0 && _failed.TryDequeue(out KafkaRecord? record); left--)
            Produce(record, cancellation);
    }

    /// <summary>Closes the producer; records that are still unacknowledged are dropped.</summary>
    public void Dispose() => _producer.Dispose();

    internal void OnDelivered(KafkaRecord record, DeliveryReport<KafkaRecord, KafkaRecord> report)
    {
        if (report.Error.IsError)
        {
            OnFailed(record, report.Error);
            return;
        }

        _observer.OnRecordDelivered(record);
        if (record.Batch.Acknowledge())
            _observer.OnBatchDelivered(record.Batch);
    }

    private static bool IsRefusal(ErrorCode code) => code is ErrorCode.MsgSizeTooLarge or ErrorCode.InvalidMsg or ErrorCode.InvalidMsgSize or ErrorCode.InvalidTimestamp or ErrorCode.InvalidRecord;

    private void OnFailed(KafkaRecord record, Error error)
    {
        if (IsRefusal(error.Code))
        {
            if (record.Kind == KafkaRecordKind.Rejected)
            {
                // The dead letter as it is would be refused for ever: it goes with less.
                record.DeadLetterSize = record.HasPayload ? DeadLetterSize.WithoutValue : DeadLetterSize.PlaceAlone;
                record.HasPayload = false;
            }
            else
            {
                // It is no ciphertext after all.
                if (record.Kind == KafkaRecordKind.Vectors && !record.Format!.MetadataInside)
                    record.Headers?.Remove(_metadataHeader);
                record.Reject(new Rejection(RejectReason.TooLarge, $"the sink refused the record ({error.Code}); its value is not kept, read it again at its source offset"));
                _observer.OnRejected(record);
            }
        }

        _observer.OnRecordFailed(record, error);
        _failed.Enqueue(record);
    }

    private void Produce(KafkaRecord record, CancellationToken cancellation)
    {
        record.Sink = this;
        TopicPartition target = record.Kind == KafkaRecordKind.Rejected ? record.Route.DeadLetter : record.Route.Sink;
        _message.Key = record;
        _message.Value = record;
        // Producers set no other kind; a time that the source's broker gave is kept as the record's own.
        _message.Timestamp = record.Timestamp.Type == TimestampType.NotAvailable || record.DeadLetterSize == DeadLetterSize.PlaceAlone
            ? Timestamp.Default
            : new Timestamp(record.Timestamp.UnixTimestampMs, TimestampType.CreateTime);
        _message.Headers = record.Kind switch
        {
            KafkaRecordKind.Rejected => DeadLetterHeadersOf(record),
            KafkaRecordKind.Vectors when !record.Format!.MetadataInside => record.HeadersWithMetadata(_metadataHeader),
            _ => record.Headers,
        };
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                _producer.Produce(target, _message, record.DeliveryHandler);
                return;
            }
            catch (ProduceException<KafkaRecord, KafkaRecord> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                cancellation.WaitHandle.WaitOne(QueueFullWait);
            }
            catch (ProduceException<KafkaRecord, KafkaRecord> e) when (IsRefusal(e.Error.Code))
            {
                OnFailed(record, e.Error);
                return;
            }
            catch (ProduceException<KafkaRecord, KafkaRecord> e) when (!e.Error.IsFatal && e.Error.Code != ErrorCode.Local_Fatal)
            {
                // A topic that is not there (yet): the records behind this one must not overtake it.
                _observer.OnSinkError(e.Error);
                cancellation.WaitHandle.WaitOne(RefusedWait);
            }
        }
    }

    private static Headers DeadLetterHeadersOf(KafkaRecord record)
    {
        Headers headers = record.DeadLetterSize == DeadLetterSize.PlaceAlone ? [] : record.Headers ?? [];
        // A second attempt, or a dead letter that was sent again, has them already.
        headers.Remove(DeadLetterHeaders.Reason);
        headers.Remove(DeadLetterHeaders.Detail);
        headers.Remove(DeadLetterHeaders.Topic);
        headers.Remove(DeadLetterHeaders.Partition);
        headers.Remove(DeadLetterHeaders.Offset);
        Add(DeadLetterHeaders.Reason, record.Rejection.Reason.Name());
        Add(DeadLetterHeaders.Detail, record.Rejection.Detail());
        Add(DeadLetterHeaders.Topic, record.Route.Source);
        Add(DeadLetterHeaders.Partition, record.Partition.ToString(CultureInfo.InvariantCulture));
        Add(DeadLetterHeaders.Offset, record.Offset.ToString(CultureInfo.InvariantCulture));
        return headers;

        void Add(string name, string value) => headers.Add(name, Encoding.UTF8.GetBytes(value));
    }

    private byte[]? KeyOf(KafkaRecord record)
    {
        if (!record.HasKey || record.DeadLetterSize == DeadLetterSize.PlaceAlone)
            return null;
        byte[] key = _keys.Get(record.Key.Length);
        record.Batch.Arena.At(record.Key).CopyTo(key);
        return key;
    }

    private byte[]? ValueOf(KafkaRecord record)
    {
        switch (record.Kind)
        {
            case KafkaRecordKind.Vectors:
                return Encode(record);
            case KafkaRecordKind.Rejected when record.HasPayload:
                return record.Batch.Arena.At(record.Payload).ToArray();
            default:
                return null;
        }
    }

    private byte[] Encode(KafkaRecord record)
    {
        RecordFields fields = record.Fields;
        ReadOnlySpan<byte> envelope = record.Batch.Arena.At(record.Envelope);
        int size = record.Format!.MaxEncodedSize(fields);
        if (!record.Format.MetadataInside)
        {
            // Binary formats know their size.
            byte[] exact = _values.Get(size);
            int written = record.Format.Encode(fields, envelope, record.Batch.Vectors, record.FirstRow, exact);
            return written == size ? exact : exact[..written];
        }

        if (_text.Length < size)
            _text = new byte[Math.Max(size, 2 * _text.Length)];
        int length = record.Format.Encode(fields, envelope, record.Batch.Vectors, record.FirstRow, _text);
        byte[] value = _values.Get(length);
        _text.AsSpan(0, length).CopyTo(value);
        return value;
    }

    private sealed class KeyWriter(KafkaSink sink) : ISerializer<KafkaRecord>
    {
        public byte[] Serialize(KafkaRecord data, SerializationContext context) => sink.KeyOf(data)!;
    }

    private sealed class ValueWriter(KafkaSink sink) : ISerializer<KafkaRecord>
    {
        public byte[] Serialize(KafkaRecord data, SerializationContext context) => sink.ValueOf(data)!;
    }
}
