using Confluent.Kafka;

namespace GpuCrypt.Ingest.Kafka;

/// <summary>Who is told what happens at the source. Called from the consuming thread and the client's own; implementations are quick.</summary>
public interface IKafkaSourceObserver
{
    /// <summary>A batch is full or its linger time is over: it is the observer's from now on.</summary>
    void OnBatchFilled(KafkaBatch batch);

    /// <summary>A record is in a batch or was rejected on its way in.</summary>
    void OnRecordConsumed(KafkaRecord record);

    /// <summary>Partitions were assigned to this consumer.</summary>
    void OnAssigned(IReadOnlyList<TopicPartition> partitions);

    /// <summary>Partitions were taken from this consumer; <paramref name="drained"/> tells whether everything consumed from them was delivered and committed first.</summary>
    void OnRevoked(IReadOnlyList<TopicPartition> partitions, bool drained);

    /// <summary>Consumption is held back because no batch is free, or goes on again.</summary>
    void OnPaused(bool paused);

    /// <summary>The client reports an error; a fatal one ends its usefulness.</summary>
    void OnSourceError(Error error);

    /// <summary>The client's log.</summary>
    void OnSourceLog(LogMessage message);
}
