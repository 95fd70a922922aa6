using System.Text;
using Confluent.Kafka;
using GpuCrypt.Ingest.Formats;

namespace GpuCrypt.Ingest.Kafka;

/// <summary>A source topic, where its records go, and what is assumed of records that do not say. Immutable, thread-safe.</summary>
public sealed class KafkaRoute
{
    /// <summary>Creates a route.</summary>
    /// <param name="source">The source topic.</param>
    /// <param name="sink">The topic of the results.</param>
    /// <param name="deadLetter">The topic of the records that cannot be processed.</param>
    /// <param name="formats">The formats that a content-type header may name.</param>
    /// <param name="defaultFormat">The format of records without that header.</param>
    /// <param name="keys">Where the keys come from.</param>
    public KafkaRoute(string source, string sink, string deadLetter, RecordFormatSet formats, IRecordFormat defaultFormat, IRecordKeys keys)
    {
        Source = source;
        SourceUtf8 = Encoding.UTF8.GetBytes(source);
        Sink = new TopicPartition(sink, Partition.Any);
        DeadLetter = new TopicPartition(deadLetter, Partition.Any);
        Formats = formats;
        DefaultFormat = defaultFormat;
        Keys = keys;
    }

    /// <summary>The source topic.</summary>
    public string Source { get; }

    /// <summary>The topic of the results; the partition follows from the record's key.</summary>
    public TopicPartition Sink { get; }

    /// <summary>The topic of the records that cannot be processed.</summary>
    public TopicPartition DeadLetter { get; }

    /// <summary>The formats that a content-type header may name.</summary>
    public RecordFormatSet Formats { get; }

    /// <summary>The format of records without a content-type header.</summary>
    public IRecordFormat DefaultFormat { get; }

    /// <summary>Where the keys come from.</summary>
    public IRecordKeys Keys { get; }

    /// <summary>The tenant of records that name none, UTF-8; null when such records are rejected.</summary>
    public byte[]? DefaultTenant { get; init; }

    /// <summary>The derivation path of records that name none, UTF-8; null when such records are rejected.</summary>
    public byte[]? DefaultDerivationPath { get; init; }

    internal byte[] SourceUtf8 { get; }
}
