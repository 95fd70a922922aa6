using Confluent.Kafka;

namespace GpuCrypt.Ingest.Kafka;

/// <summary>Who is told what happens at the sink. Called from the producing thread and from the client's own; implementations are quick and thread-safe.</summary>
public interface IKafkaSinkObserver
{
    /// <summary>A record goes to the dead-letter topic.</summary>
    void OnRejected(KafkaRecord record);

    /// <summary>The cluster has a record.</summary>
    void OnRecordDelivered(KafkaRecord record);

    /// <summary>The cluster did not take a record; it waits for another attempt.</summary>
    void OnRecordFailed(KafkaRecord record, Error error);

    /// <summary>The cluster has every record of a batch.</summary>
    void OnBatchDelivered(KafkaBatch batch);

    /// <summary>The client reports an error of its own; a fatal one ends its usefulness.</summary>
    void OnSinkError(Error error);

    /// <summary>The client's log.</summary>
    void OnSinkLog(LogMessage message);
}
