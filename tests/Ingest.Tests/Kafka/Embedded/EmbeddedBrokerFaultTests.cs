using System.Diagnostics;
using Confluent.Kafka;
using GpuCrypt.Ingest.Kafka.Embedded;

namespace GpuCrypt.Ingest.Tests.Kafka.Embedded;

public sealed class EmbeddedBrokerFaultTests
{
    private static Message<byte[], byte[]> One => new() { Value = [1] };

    [Fact]
    public async Task Produce_resumes_when_a_broker_that_was_down_is_up_again()
    {
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("t", 1) } });
        using IProducer<byte[], byte[]> producer = KafkaClients.Producer(broker.BootstrapServers);
        Assert.Equal(0, (await producer.ProduceAsync("t", One)).Offset.Value);

        broker.BrokerDown(1);
        Task<DeliveryResult<byte[], byte[]>> waiting = producer.ProduceAsync("t", One);
        await Task.Delay(500);
        Assert.False(waiting.IsCompleted);

        broker.BrokerUp(1);
        Assert.Equal(1, (await waiting.WaitAsync(KafkaClients.Bound)).Offset.Value);
    }

    [Fact]
    public async Task Injected_errors_are_met_in_order_and_retried_until_none_is_left()
    {
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("t", 1) } });
        broker.FailNextRequests(KafkaRequest.Produce, ErrorCode.NotEnoughReplicas, ErrorCode.RequestTimedOut, ErrorCode.Local_Transport);
        using (IProducer<byte[], byte[]> producer = KafkaClients.Producer(broker.BootstrapServers, c => c.RetryBackoffMs = 20))
            Assert.Equal(0, (await producer.ProduceAsync("t", One).WaitAsync(KafkaClients.Bound)).Offset.Value);

        // Proof that the errors are real: a producer that may not retry meets one.
        broker.FailNextRequests(KafkaRequest.Produce, ErrorCode.NotEnoughReplicas);
        using (IProducer<byte[], byte[]> producer = KafkaClients.Producer(broker.BootstrapServers, c => c.MessageSendMaxRetries = 0))
        {
            ProduceException<byte[], byte[]> e = await Assert.ThrowsAsync<ProduceException<byte[], byte[]>>(() => producer.ProduceAsync("t", One).WaitAsync(KafkaClients.Bound));
            Assert.Equal(ErrorCode.NotEnoughReplicas, e.Error.Code);
        }

        broker.FailNextRequests(KafkaRequest.Produce, ErrorCode.NotEnoughReplicas);
        broker.ClearRequestErrors(KafkaRequest.Produce);
        using (IProducer<byte[], byte[]> producer = KafkaClients.Producer(broker.BootstrapServers, c => c.MessageSendMaxRetries = 0))
            Assert.Equal(1, (await producer.ProduceAsync("t", One).WaitAsync(KafkaClients.Bound)).Offset.Value);
    }

    [Fact]
    public async Task The_round_trip_time_delays_each_answer()
    {
        TimeSpan delay = TimeSpan.FromMilliseconds(400);
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("t", 1) } });
        using IProducer<byte[], byte[]> producer = KafkaClients.Producer(broker.BootstrapServers);
        await producer.ProduceAsync("t", One).WaitAsync(KafkaClients.Bound);

        broker.SetRoundTripTime(delay);
        Stopwatch time = Stopwatch.StartNew();
        await producer.ProduceAsync("t", One).WaitAsync(KafkaClients.Bound);
        Assert.True(time.Elapsed >= delay - TimeSpan.FromMilliseconds(20), $"answered after {time.ElapsedMilliseconds} ms");
    }
}
