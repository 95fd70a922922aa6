using Confluent.Kafka;

namespace GpuCrypt.Ingest.Kafka;

/// <summary>
/// Makes a client learn a topic's leaders before its first record. A producer of librdkafka 2.0 finds them by a timer: its first record takes 1.0 s to be delivered on
/// loopback, and about 30 ms after this.
/// </summary>
public static class TopicWarmup
{
    /// <summary>Asks the cluster for the topic through the client's own connections.</summary>
    /// <param name="client">A producer's or consumer's handle.</param>
    /// <param name="topic">The topic. Asking may create it where the cluster creates topics by itself.</param>
    /// <param name="timeout">The longest wait.</param>
    /// <returns>The number of partitions, or <see langword="null"/> when the cluster did not answer in time or does not have the topic: the client then goes on finding out by itself.</returns>
    public static int? Ask(Handle client, string topic, TimeSpan timeout)
    {
        using IAdminClient admin = new DependentAdminClientBuilder(client).Build();
        try
        {
            TopicMetadata? metadata = admin.GetMetadata(topic, timeout).Topics.Find(found => found.Topic == topic);
            return metadata is { Error.IsError: false } ? metadata.Partitions.Count : null;
        }
        catch (KafkaException)
        {
            return null;
        }
    }
}
