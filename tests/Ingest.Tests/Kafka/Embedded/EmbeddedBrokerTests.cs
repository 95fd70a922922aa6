using System.Collections.Concurrent;
using System.Text;
using Confluent.Kafka;
using GpuCrypt.Ingest.Kafka.Embedded;

namespace GpuCrypt.Ingest.Tests.Kafka.Embedded;

public sealed class EmbeddedBrokerTests
{
    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public void Records_come_back_with_key_headers_timestamp_and_order_under_each_compression(CompressionType compression)
    {
        const int Count = 500;
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("vectors", 2) } });
        using (IProducer<byte[], byte[]> producer = KafkaClients.Producer(broker.BootstrapServers, c => c.CompressionType = compression))
        {
            for (int i = 0; i < Count; i++)
                producer.Produce(new TopicPartition("vectors", 1), Record(i));
            Assert.Equal(0, producer.Flush(KafkaClients.Bound));
        }

        using IConsumer<byte[], byte[]> consumer = KafkaClients.Consumer(broker.BootstrapServers);
        consumer.Assign(new TopicPartitionOffset("vectors", 1, Offset.Beginning));
        List<ConsumeResult<byte[], byte[]>> records = consumer.Take(Count);
        Assert.Equal(Count, records.Count);
        for (int i = 0; i < Count; i++)
        {
            Message<byte[], byte[]> expected = Record(i);
            Assert.Equal(i, records[i].Offset.Value);
            Assert.Equal(expected.Key, records[i].Message.Key);
            Assert.Equal(expected.Value, records[i].Message.Value);
            Assert.Equal(expected.Timestamp.UnixTimestampMs, records[i].Message.Timestamp.UnixTimestampMs);
            Assert.Equal(["tenant", "n", "n"], records[i].Message.Headers.Select(h => h.Key));
            Assert.Equal(expected.Headers.Select(h => h.GetValueBytes()), records[i].Message.Headers.Select(h => h.GetValueBytes()));
        }
    }

    [Fact]
    public void Two_brokers_in_one_process_know_nothing_of_each_other()
    {
        using EmbeddedBroker first = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("t", 1) } });
        using EmbeddedBroker second = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("t", 1) } });
        Assert.NotEqual(first.BootstrapServers, second.BootstrapServers);
        foreach (EmbeddedBroker broker in new[] { first, second })
        {
            using IProducer<byte[], byte[]> producer = KafkaClients.Producer(broker.BootstrapServers);
            producer.Produce("t", new Message<byte[], byte[]> { Value = Encoding.UTF8.GetBytes(broker.BootstrapServers) });
            Assert.Equal(0, producer.Flush(KafkaClients.Bound));
        }
        foreach (EmbeddedBroker broker in new[] { first, second })
        {
            using IConsumer<byte[], byte[]> consumer = KafkaClients.Consumer(broker.BootstrapServers);
            Assert.Equal(1, consumer.QueryWatermarkOffsets(new TopicPartition("t", 0), KafkaClients.Bound).High.Value);
            consumer.Assign(new TopicPartitionOffset("t", 0, Offset.Beginning));
            Assert.Equal(broker.BootstrapServers, Encoding.UTF8.GetString(Assert.Single(consumer.Take(1)).Message.Value));
        }
    }

    [Fact]
    public void A_cluster_has_the_brokers_topics_and_leaders_asked_for()
    {
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Brokers = 3, Topics = { ("a", 1), ("b", 7) } });
        broker.CreateTopic("c.d_e-f", 2);
        broker.SetLeader("b", 4, 3);
        broker.SetLeader("b", 5, EmbeddedBroker.NoLeader);
        Assert.Equal(3, broker.BootstrapServers.Split(',').Length);
        Assert.All(broker.BootstrapServers.Split(','), server => Assert.StartsWith("127.0.0.1:", server, StringComparison.Ordinal));

        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).SetLogHandler((_, _) => { }).Build();
        Metadata metadata = admin.GetMetadata(KafkaClients.Bound);
        Assert.Equal([1, 2, 3], metadata.Brokers.Select(b => b.BrokerId).Order());
        Assert.Equal([("a", 1), ("b", 7), ("c.d_e-f", 2)], metadata.Topics.Select(t => (t.Topic, t.Partitions.Count)).Order());
        List<PartitionMetadata> partitions = metadata.Topics.Single(t => t.Topic == "b").Partitions;
        Assert.Equal(3, partitions.Single(p => p.PartitionId == 4).Leader);
        Assert.Equal(EmbeddedBroker.NoLeader, partitions.Single(p => p.PartitionId == 5).Leader);
    }

    [Fact]
    public void A_topic_that_exists_or_has_no_valid_name_is_refused()
    {
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("t", 1) } });
        KafkaException e = Assert.Throws<KafkaException>(() => broker.CreateTopic("t", 1));
        Assert.Equal(ErrorCode.TopicAlreadyExists, e.Error.Code);
        Assert.Contains("topic t could not be created", e.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => broker.CreateTopic("a b"));
        Assert.Throws<ArgumentException>(() => broker.CreateTopic(".."));
        Assert.Throws<ArgumentException>(() => broker.CreateTopic(new string('x', 250)));
        Assert.Throws<ArgumentOutOfRangeException>(() => broker.CreateTopic("u", 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => broker.BrokerDown(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => EmbeddedBroker.Start(new EmbeddedBrokerOptions { Brokers = 0 }));
        Assert.Throws<KafkaException>(() => EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("t", 1), ("t", 1) } }));
    }

    [Fact]
    public void Disposing_twice_and_at_once_from_several_threads_is_harmless_and_later_calls_say_so()
    {
        EmbeddedBroker broker = EmbeddedBroker.Start();
        Parallel.For(0, 4, _ => broker.Dispose());
        broker.Dispose();
        Assert.Throws<ObjectDisposedException>(() => broker.CreateTopic("t"));
        Assert.Throws<ObjectDisposedException>(() => broker.FailNextRequests(KafkaRequest.Produce, ErrorCode.NotLeaderForPartition));
        Assert.NotEmpty(broker.BootstrapServers);
    }

    [Fact]
    public void Log_lines_reach_the_callback_and_its_exceptions_stop_nothing()
    {
        ConcurrentQueue<string> lines = [];
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions
        {
            Trace = true,
            Log = line =>
            {
                lines.Enqueue(line);
                throw new InvalidOperationException("a log that fails");
            },
        });
        using IProducer<byte[], byte[]> producer = KafkaClients.Producer(broker.BootstrapServers);
        producer.Produce("traced", new Message<byte[], byte[]> { Value = [1] });
        Assert.Equal(0, producer.Flush(KafkaClients.Bound));
        Assert.Contains(lines, line => line.StartsWith("MOCK: ", StringComparison.Ordinal) && line.Contains("Log append traced", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_trace_a_broker_that_works_logs_nothing()
    {
        ConcurrentQueue<string> lines = [];
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Log = lines.Enqueue, Topics = { ("t", 1) } });
        using IProducer<byte[], byte[]> producer = KafkaClients.Producer(broker.BootstrapServers);
        producer.Produce("t", new Message<byte[], byte[]> { Value = [1] });
        Assert.Equal(0, producer.Flush(KafkaClients.Bound));
        Assert.Empty(lines);
    }

    private static Message<byte[], byte[]> Record(int i) => new()
    {
        Key = Encoding.UTF8.GetBytes($"id-{i}"),
        Value = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat($"value {i} ", 20))),
        Headers = [new Header("tenant", "acme"u8.ToArray()), new Header("n", BitConverter.GetBytes(i)), new Header("n", [])],
        Timestamp = new Timestamp(1_700_000_000_000 + i, TimestampType.CreateTime),
    };
}
