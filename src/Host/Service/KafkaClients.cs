using Confluent.Kafka;

namespace GpuCrypt.Host.Service;

/// <summary>From settings to the configuration of the two Kafka clients. The operator's own properties come last, so they win.</summary>
internal static class KafkaClients
{
    /// <summary>The consumer: offsets are stored by hand, behind the sink, and committed in the background.</summary>
    public static ConsumerConfig Consumer(KafkaSettings settings)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = settings.BootstrapServers,
            GroupId = settings.GroupId,
            ClientId = "gpucrypt",
            AutoOffsetReset = settings.StartFrom == "latest" ? AutoOffsetReset.Latest : AutoOffsetReset.Earliest,
            EnableAutoCommit = true,
            AutoCommitIntervalMs = (int)settings.CommitInterval.TotalMilliseconds,
            EnableAutoOffsetStore = false,
            PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
        };
        return Apply(config, settings.Properties, settings.ConsumerProperties);
    }

    /// <summary>The producer: no record lost, doubled or out of order by a retry, and none given up.</summary>
    public static ProducerConfig Producer(KafkaSettings settings, int maxMessageBytes, int mostQueued)
    {
        var config = new ProducerConfig
        {
            BootstrapServers = settings.BootstrapServers,
            ClientId = "gpucrypt",
            EnableIdempotence = true,
            Acks = Acks.All,
            // 0: until it is delivered. While the sink is away the ring fills up and consumption is held back.
            MessageTimeoutMs = 0,
            LingerMs = 2,
            MessageMaxBytes = maxMessageBytes,
            QueueBufferingMaxMessages = Math.Max(100_000, mostQueued),
            // Java clients' own partitioner: a key keeps the partition that they would give it.
            Partitioner = Partitioner.Murmur2Random,
            // Reports need say nothing but that: fields cost allocations a message.
            DeliveryReportFields = "none",
        };
        return Apply(config, settings.Properties, settings.ProducerProperties);
    }

    private static T Apply<T>(T config, IReadOnlyDictionary<string, string> common, IReadOnlyDictionary<string, string> own)
        where T : ClientConfig
    {
        foreach ((string name, string value) in common.Concat(own))
            config.Set(name, value);
        return config;
    }
}
