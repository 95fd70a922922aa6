using Confluent.Kafka;
using GpuCrypt.Ingest.Kafka.Embedded;

namespace GpuCrypt.Ingest.Tests.Kafka.Embedded;

public sealed class EmbeddedBrokerGroupTests
{
    [Fact]
    public void A_second_consumer_of_a_group_resumes_where_the_first_committed_and_closed()
    {
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("t", 1) } });
        using (IProducer<byte[], byte[]> producer = KafkaClients.Producer(broker.BootstrapServers))
        {
            for (byte i = 0; i < 100; i++)
                producer.Produce("t", new Message<byte[], byte[]> { Value = [i] });
            Assert.Equal(0, producer.Flush(KafkaClients.Bound));
        }

        using (IConsumer<byte[], byte[]> first = KafkaClients.Consumer(broker.BootstrapServers, "g"))
        {
            first.Subscribe("t");
            List<ConsumeResult<byte[], byte[]>> records = first.Take(40);
            Assert.Equal(Enumerable.Range(0, 40), records.Select(r => (int)r.Message.Value[0]));
            // Less than was read: the position that counts is the committed one.
            first.Commit([new TopicPartitionOffset("t", 0, 30)]);
            first.Close();
        }

        using GroupPositions positions = new(broker.BootstrapServers, "g", "t", 1);
        long[] offsets = [-1];
        positions.Read(offsets);
        Assert.Equal([30L], offsets);

        using IConsumer<byte[], byte[]> second = KafkaClients.Consumer(broker.BootstrapServers, "g");
        second.Subscribe("t");
        Assert.Equal(Enumerable.Range(30, 70), second.Take(70).Select(r => (int)r.Message.Value[0]));
        second.Close();
    }

    [Fact]
    public void A_group_that_has_committed_nothing_has_no_positions()
    {
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("t", 2) } });
        using GroupPositions positions = new(broker.BootstrapServers, "nobody", "t", 2);
        long[] offsets = [-1, 7];
        positions.Read(offsets);
        Assert.Equal([-1L, 7L], offsets);
    }
}
