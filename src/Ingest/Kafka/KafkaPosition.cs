namespace GpuCrypt.Ingest.Kafka;

/// <summary>How far a batch takes a partition.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Generation">Which assignment of the partition to this consumer the records came under.</param>
/// <param name="Next">The offset after the batch's last record of the partition.</param>
internal readonly record struct KafkaPosition(string Topic, int Partition, int Generation, long Next);
