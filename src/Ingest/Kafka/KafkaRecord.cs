using Confluent.Kafka;
using GpuCrypt.Ingest.Formats;

namespace GpuCrypt.Ingest.Kafka;

/// <summary>What happens to a record.</summary>
public enum KafkaRecordKind
{
    /// <summary>Its vectors are in the batch.</summary>
    Vectors,

    /// <summary>It has no value (a tombstone) and goes to the sink as it is.</summary>
    Tombstone,

    /// <summary>It goes to the dead-letter topic.</summary>
    Rejected,
}

/// <summary>How much of a rejected record its dead letter has: less each time the cluster refuses it.</summary>
internal enum DeadLetterSize
{
    /// <summary>Value (where it was kept), key, headers, timestamp.</summary>
    Whole,

    /// <summary>All but the value.</summary>
    WithoutValue,

    /// <summary>Reason and place alone.</summary>
    PlaceAlone,
}

/// <summary>One consumed record on its way through a batch. Belongs to its batch and is used again; not thread-safe.</summary>
public sealed class KafkaRecord
{
    private readonly byte[] _metadata = new byte[Kernels.Scheme.VectorMetadata.Size];
    private Header? _metadataHeader;
    private Headers? _metadataOnly;

    internal KafkaRecord(KafkaBatch batch)
    {
        Batch = batch;
        DeliveryHandler = report => Sink!.OnDelivered(this, report);
    }

    /// <summary>The batch that the record is in.</summary>
    public KafkaBatch Batch { get; }

    /// <summary>What happens to it.</summary>
    public KafkaRecordKind Kind { get; internal set; }

    /// <summary>Where it goes.</summary>
    public KafkaRoute Route { get; internal set; } = null!;

    /// <summary>The source partition.</summary>
    public int Partition { get; internal set; }

    /// <summary>The source offset.</summary>
    public long Offset { get; internal set; }

    /// <summary>The record's timestamp.</summary>
    public Timestamp Timestamp { get; internal set; }

    /// <summary>When it was consumed, as <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/> tells time.</summary>
    public long ConsumedAt { get; internal set; }

    /// <summary>The size of the consumed value in bytes.</summary>
    public int ValueSize { get; internal set; }

    /// <summary>The number of its vectors.</summary>
    public int Rows => Kind == KafkaRecordKind.Vectors ? Fields.Rows : 0;

    /// <summary>Why it was rejected.</summary>
    public Rejection Rejection { get; internal set; }

    internal Headers? Headers { get; set; }

    internal IRecordFormat? Format { get; set; }

    internal RecordFields Fields { get; set; }

    internal int FirstRow { get; set; }

    internal bool HasKey { get; set; }

    internal ArenaRange Key { get; set; }

    /// <summary>The size of a key that is too large to be kept; 0 for any other.</summary>
    internal int LostKeySize { get; set; }

    internal ArenaRange Envelope { get; set; }

    /// <summary>The consumed value; kept only where the record may have to go to the dead-letter topic.</summary>
    internal ArenaRange Payload { get; set; }

    internal bool HasPayload { get; set; }

    /// <summary>Whether its rows are still to be named by topic, partition and offset.</summary>
    internal bool NeedsPositionId { get; set; }

    internal DeadLetterSize DeadLetterSize { get; set; }

    internal KafkaSink? Sink { get; set; }

    /// <summary>Made once: a closure a record would be an allocation a message.</summary>
    internal Action<DeliveryReport<KafkaRecord, KafkaRecord>> DeliveryHandler { get; }

    internal void Reset(KafkaRoute route, Headers? headers)
    {
        Kind = KafkaRecordKind.Vectors;
        Route = route;
        Headers = headers;
        Format = null;
        Fields = default;
        Rejection = default;
        FirstRow = 0;
        ValueSize = 0;
        HasKey = false;
        LostKeySize = 0;
        HasPayload = false;
        NeedsPositionId = false;
        DeadLetterSize = DeadLetterSize.Whole;
        Key = default;
        Envelope = default;
        Payload = default;
    }

    internal void Reject(in Rejection rejection)
    {
        Kind = KafkaRecordKind.Rejected;
        Rejection = rejection;
    }

    /// <summary>The record's headers with its metadata added. For one vector the objects are used again from record to record.</summary>
    internal Headers HeadersWithMetadata(string name)
    {
        Headers? own = Headers is { Count: > 0 } ? Headers : null;
        // A second attempt at producing finds it there already.
        own?.Remove(name);
        if (Fields.Rows == 1)
        {
            MetadataHeader.Write(Batch.Vectors, FirstRow, 1, _metadata);
            _metadataHeader ??= new Header(name, _metadata);
            if (own is null)
                return _metadataOnly ??= [_metadataHeader];
            own.Add(_metadataHeader);
            return own;
        }

        byte[] metadata = new byte[MetadataHeader.Size(Fields.Rows)];
        MetadataHeader.Write(Batch.Vectors, FirstRow, Fields.Rows, metadata);
        own ??= [];
        own.Add(name, metadata);
        return own;
    }
}
