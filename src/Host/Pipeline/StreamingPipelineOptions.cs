using Confluent.Kafka;
using GpuCrypt.Ingest.Kafka;
using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Host.Pipeline;

/// <summary>What a streaming pipeline is made of.</summary>
internal sealed record StreamingPipelineOptions
{
    public required ConsumerConfig Consumer { get; init; }

    public required ProducerConfig Producer { get; init; }

    public required IReadOnlyCollection<KafkaRoute> Routes { get; init; }

    public required RecordHeaderNames Headers { get; init; }

    public required KafkaSourceOptions Source { get; init; }

    /// <summary>Batches in the ring, at least 3.</summary>
    public required int Batches { get; init; }

    public required int BatchRows { get; init; }

    /// <summary>The float32 bytes of a batch's inputs.</summary>
    public required int BatchBytes { get; init; }

    public required IvSource Ivs { get; init; }
}
