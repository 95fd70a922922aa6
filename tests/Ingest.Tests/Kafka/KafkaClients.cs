using System.Diagnostics;
using Confluent.Kafka;

namespace GpuCrypt.Ingest.Tests.Kafka;

/// <summary>Plain Confluent.Kafka clients on a broker, silent on standard error, and bounded waits.</summary>
internal static class KafkaClients
{
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    public static ProducerConfig ProducerConfig(string bootstrapServers) => new()
    {
        BootstrapServers = bootstrapServers,
        LingerMs = 1,
        ReconnectBackoffMs = 50,
        ReconnectBackoffMaxMs = 200,
        MessageTimeoutMs = (int)Bound.TotalMilliseconds,
    };

    public static IProducer<byte[], byte[]> Producer(string bootstrapServers, Action<ProducerConfig>? configure = null)
    {
        ProducerConfig config = ProducerConfig(bootstrapServers);
        configure?.Invoke(config);
        return new ProducerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).Build();
    }

    public static IConsumer<byte[], byte[]> Consumer(string bootstrapServers, string group = "tests", Action<ConsumerConfig>? configure = null)
    {
        ConsumerConfig config = new()
        {
            BootstrapServers = bootstrapServers,
            GroupId = group,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = false,
            SessionTimeoutMs = 6000,
            ReconnectBackoffMs = 50,
            ReconnectBackoffMaxMs = 200,
            FetchWaitMaxMs = 50,
        };
        configure?.Invoke(config);
        return new ConsumerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).Build();
    }

    /// <summary>The next <paramref name="count"/> records; fewer when they do not come within <see cref="Bound"/>.</summary>
    public static List<ConsumeResult<byte[], byte[]>> Take(this IConsumer<byte[], byte[]> consumer, int count)
    {
        List<ConsumeResult<byte[], byte[]>> records = [];
        Stopwatch time = Stopwatch.StartNew();
        while (records.Count < count && time.Elapsed < Bound)
        {
            if (consumer.Consume(TimeSpan.FromMilliseconds(100)) is { } record)
                records.Add(record);
        }
        return records;
    }
}
