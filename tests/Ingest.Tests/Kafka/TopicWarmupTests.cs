using System.Diagnostics;
using Confluent.Kafka;
using GpuCrypt.Ingest.Kafka;
using GpuCrypt.Ingest.Kafka.Embedded;

namespace GpuCrypt.Ingest.Tests.Kafka;

public sealed class TopicWarmupTests
{
    [Fact]
    public void A_cluster_that_answers_gives_the_partitions_and_one_that_does_not_gives_none_in_time()
    {
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("t", 3) } });
        using IProducer<byte[], byte[]> producer = KafkaClients.Producer(broker.BootstrapServers);
        Assert.Equal(3, TopicWarmup.Ask(producer.Handle, "t", KafkaClients.Bound));

        broker.BrokerDown();
        Stopwatch time = Stopwatch.StartNew();
        Assert.Null(TopicWarmup.Ask(producer.Handle, "t", TimeSpan.FromMilliseconds(300)));
        Assert.InRange(time.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }
}
