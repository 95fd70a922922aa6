using System.Buffers.Binary;
using System.Diagnostics;
using Confluent.Kafka;
using GpuCrypt.Ingest.Kafka.Embedded;

namespace GpuCrypt.Ingest.Tests.Kafka.Embedded;

public sealed class PacedProducerTests
{
    private const int ValueBytes = 2000;
    private const int StreamRecords = 20_000;

    private static Message<byte[], byte[]> Numbered(int number, int bytes = ValueBytes)
    {
        byte[] value = new byte[bytes];
        BinaryPrimitives.WriteInt32LittleEndian(value, number);
        return new Message<byte[], byte[]> { Value = value };
    }

    private static int NumberOf(ConsumeResult<byte[], byte[]> record) => BinaryPrimitives.ReadInt32LittleEndian(record.Message.Value);

    [Fact]
    public async Task Forty_megabytes_through_one_partition_reach_a_slower_reader_complete_and_in_order()
    {
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("t", 1) } });
        using PacedProducer producer = new(KafkaClients.ProducerConfig(broker.BootstrapServers), "t", 1);
        using CancellationTokenSource bound = new(TimeSpan.FromSeconds(60));
        Task<List<int>> reading = Task.Run(() => Read(broker, Task.CompletedTask, record => producer.AdvanceTo(0, record.Offset.Value + 1), bound.Token));
        long most = 0;
        for (int i = 0; i < StreamRecords; i++)
        {
            await producer.ProduceAsync(0, Numbered(i), bound.Token);
            most = Math.Max(most, producer.Outstanding(0).Bytes);
        }
        producer.Flush(bound.Token);

        Assert.Equal(Enumerable.Range(0, StreamRecords), await reading);
        Assert.Equal((StreamRecords, StreamRecords), (producer.Produced, producer.Delivered));
        Assert.Equal((0, 0), producer.Outstanding(0));
        Assert.InRange(most, 1, 2 * 1024 * 1024);
    }

    [Fact]
    public async Task Control_without_pacing_the_same_stream_loses_records()
    {
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("t", 1) } });
        using IProducer<byte[], byte[]> producer = KafkaClients.Producer(broker.BootstrapServers, c => c.MaxInFlight = 1);
        using CancellationTokenSource bound = new(TimeSpan.FromSeconds(60));
        TaskCompletionSource produced = new();
        Task<List<int>> reading = Task.Run(() => Read(broker, produced.Task, _ => { }, bound.Token));
        for (int i = 0; i < StreamRecords; i++)
            producer.Produce(new TopicPartition("t", 0), Numbered(i));
        producer.Flush(bound.Token);
        produced.SetResult();

        List<int> read = await reading;
        // What the reader's client had fetched ahead (4 MB) and what the partition holds (5 MiB), of 40 MB.
        Assert.InRange(read.Count, 1, StreamRecords / 2);
    }

    /// <summary>
    /// Reads until the last number has come: slower than a producer (1 ms of rest for each 10 records), fetching at most about 4 MB ahead, and, without pacing, so
    /// late that everything is produced when it has read its first ten.
    /// </summary>
    private static List<int> Read(EmbeddedBroker broker, Task goOn, Action<ConsumeResult<byte[], byte[]>> acknowledge, CancellationToken cancellation)
    {
        using IConsumer<byte[], byte[]> consumer = KafkaClients.Consumer(broker.BootstrapServers, configure: c => c.QueuedMaxMessagesKbytes = 4096);
        consumer.Assign(new TopicPartitionOffset("t", 0, Offset.Beginning));
        List<int> numbers = new(StreamRecords);
        while (numbers.Count == 0 || numbers[^1] != StreamRecords - 1)
        {
            ConsumeResult<byte[], byte[]> record = consumer.Consume(cancellation);
            numbers.Add(NumberOf(record));
            acknowledge(record);
            if (numbers.Count % 10 == 0)
            {
                goOn.Wait(cancellation);
                Thread.Sleep(1);
            }
        }
        return numbers;
    }

    [Fact]
    public void A_call_blocks_at_the_window_until_the_reader_advances()
    {
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("t", 2) } });
        using PacedProducer producer = new(KafkaClients.ProducerConfig(broker.BootstrapServers), "t", 2, new PacedProducerOptions { WindowRecords = 3 });
        for (int i = 0; i < 3; i++)
            producer.Produce(0, Numbered(i));
        // The windows are the partitions' own.
        producer.Produce(1, Numbered(0));

        Thread blocked = new(() => producer.Produce(0, Numbered(3)));
        blocked.Start();
        Assert.False(blocked.Join(200));
        producer.Advance(0, 1);
        Assert.True(blocked.Join(KafkaClients.Bound));
        Assert.Equal(3, producer.Outstanding(0).Records);
        Assert.Equal(1, producer.Outstanding(1).Records);
    }

    [Fact]
    public async Task Waiting_calls_are_produced_in_the_order_they_came()
    {
        const int Count = 200;
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("t", 1) } });
        // Errors on the way, the lost connection included, must not change the order either.
        broker.FailNextRequests(KafkaRequest.Produce, ErrorCode.NotEnoughReplicas, ErrorCode.Local_Transport, ErrorCode.NotEnoughReplicas);
        using PacedProducer producer = new(KafkaClients.ProducerConfig(broker.BootstrapServers), "t", 1, new PacedProducerOptions { WindowRecords = 7 });
        Task[] calls = [.. Enumerable.Range(0, Count).Select(i => producer.ProduceAsync(0, Numbered(i, 100)).AsTask())];

        using IConsumer<byte[], byte[]> consumer = KafkaClients.Consumer(broker.BootstrapServers);
        consumer.Assign(new TopicPartitionOffset("t", 0, Offset.Beginning));
        List<int> read = [];
        while (read.Count < Count && consumer.Consume(KafkaClients.Bound) is { } record)
        {
            read.Add(NumberOf(record));
            producer.Advance(0, 1);
        }
        await Task.WhenAll(calls).WaitAsync(KafkaClients.Bound);
        Assert.Equal(Enumerable.Range(0, Count), read);
    }

    [Fact]
    public async Task A_cancelled_call_is_not_produced_and_frees_the_way_for_the_next()
    {
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("t", 1) } });
        using PacedProducer producer = new(KafkaClients.ProducerConfig(broker.BootstrapServers), "t", 1, new PacedProducerOptions { WindowBytes = 5000 });
        producer.Produce(0, Numbered(0, 3000));
        using CancellationTokenSource cancel = new();
        Task large = producer.ProduceAsync(0, Numbered(1, 4000), cancel.Token).AsTask();
        Task small = producer.ProduceAsync(0, Numbered(2, 1000)).AsTask();
        await Task.Delay(50);
        Assert.False(large.IsCompleted || small.IsCompleted);

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        await small.WaitAsync(KafkaClients.Bound);

        using CancellationTokenSource soon = new(100);
        Assert.ThrowsAny<OperationCanceledException>(() => producer.Produce(0, Numbered(3, 3000), soon.Token));
        producer.Flush();
        Assert.Equal(2, producer.Delivered);
    }

    [Fact]
    public async Task A_record_that_cannot_be_delivered_ends_waiting_and_later_calls_with_its_reason()
    {
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("t", 1) } });
        ProducerConfig config = KafkaClients.ProducerConfig(broker.BootstrapServers);
        config.MessageSendMaxRetries = 0;
        using PacedProducer producer = new(config, "t", 1, new PacedProducerOptions { WindowRecords = 1 });
        broker.FailNextRequests(KafkaRequest.Produce, ErrorCode.NotEnoughReplicas);
        producer.Produce(0, Numbered(0));
        KafkaException e = await Assert.ThrowsAsync<KafkaException>(() => producer.ProduceAsync(0, Numbered(1)).AsTask().WaitAsync(KafkaClients.Bound));
        Assert.Equal(ErrorCode.NotEnoughReplicas, e.Error.Code);
        Assert.Contains("topic t partition 0", e.Message, StringComparison.Ordinal);
        Assert.Throws<KafkaException>(() => producer.Produce(0, Numbered(2)));
        Assert.Throws<KafkaException>(() => producer.Flush());
    }

    [Fact]
    public async Task Positions_are_asked_for_and_a_failure_to_have_them_ends_the_producer()
    {
        long position = 0;
        bool fails = false;
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("t", 1) } });
        using PacedProducer producer = new(KafkaClients.ProducerConfig(broker.BootstrapServers), "t", 1, new PacedProducerOptions
        {
            WindowRecords = 2,
            Positions = offsets => offsets[0] = Volatile.Read(ref fails) ? throw new TimeoutException("no answer") : Volatile.Read(ref position),
        });
        producer.Produce(0, Numbered(0));
        producer.Produce(0, Numbered(1));
        Task third = producer.ProduceAsync(0, Numbered(2)).AsTask();
        await Task.Delay(100);
        Assert.False(third.IsCompleted);
        Volatile.Write(ref position, 1);
        await third.WaitAsync(KafkaClients.Bound);

        Task fourth = producer.ProduceAsync(0, Numbered(3)).AsTask();
        Volatile.Write(ref fails, true);
        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(() => fourth.WaitAsync(KafkaClients.Bound));
        Assert.Contains("topic t: the readers' positions could not be had: no answer", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_committed_offsets_of_a_group_pace_a_producer()
    {
        const int Count = 100;
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("t", 1) } });
        using GroupPositions positions = new(broker.BootstrapServers, "g", "t", 1);
        using PacedProducer producer = new(KafkaClients.ProducerConfig(broker.BootstrapServers), "t", 1, new PacedProducerOptions { WindowRecords = 10, Positions = positions.Read });
        Task producing = Task.Run(() =>
        {
            for (int i = 0; i < Count; i++)
                producer.Produce(0, Numbered(i));
        });

        using IConsumer<byte[], byte[]> consumer = KafkaClients.Consumer(broker.BootstrapServers, "g");
        consumer.Assign(new TopicPartitionOffset("t", 0, Offset.Beginning));
        List<int> read = [];
        Stopwatch time = Stopwatch.StartNew();
        while (read.Count < Count && time.Elapsed < KafkaClients.Bound)
        {
            // Ten are there and no more, until they are committed.
            List<ConsumeResult<byte[], byte[]>> records = consumer.Take(10);
            Assert.Null(consumer.Consume(TimeSpan.FromMilliseconds(40)));
            read.AddRange(records.Select(NumberOf));
            consumer.Commit([new TopicPartitionOffset("t", 0, read.Count)]);
        }
        await producing.WaitAsync(KafkaClients.Bound);
        Assert.Equal(Enumerable.Range(0, Count), read);
    }

    [Fact]
    public async Task Disposing_ends_a_waiting_call()
    {
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("t", 1) } });
        PacedProducer producer = new(KafkaClients.ProducerConfig(broker.BootstrapServers), "t", 1, new PacedProducerOptions { WindowRecords = 1, Positions = _ => { } });
        producer.Produce(0, Numbered(0));
        Task waiting = producer.ProduceAsync(0, Numbered(1)).AsTask();
        producer.Dispose();
        producer.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting.WaitAsync(KafkaClients.Bound));
        Assert.Throws<ObjectDisposedException>(() => producer.Produce(0, Numbered(2)));
        Assert.Throws<ObjectDisposedException>(() => producer.Flush());
    }

    [Fact]
    public void Options_and_partitions_out_of_range_are_refused()
    {
        ProducerConfig config = new() { BootstrapServers = "127.0.0.1:1" };
        Assert.Throws<ArgumentOutOfRangeException>(() => new PacedProducer(config, "t", 0));
        foreach (PacedProducerOptions options in new PacedProducerOptions[]
        {
            new() { WindowBytes = 0 },
            new() { WindowBytes = PacedProducerOptions.MaxWindowBytes + 1 },
            new() { WindowRecords = 0 },
            new() { WindowRecords = EmbeddedBroker.PartitionCapacityBatches + 1 },
            new() { PositionInterval = TimeSpan.Zero },
        })
            Assert.Throws<ArgumentOutOfRangeException>(() => new PacedProducer(config, "t", 1, options));
        Assert.Single(config);

        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("t", 2) } });
        config.BootstrapServers = broker.BootstrapServers;
        Assert.Throws<ArgumentOutOfRangeException>(() => new PacedProducer(config, "t", 3));
        using PacedProducer producer = new(config, "t", 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => producer.Produce(2, Numbered(0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => producer.Advance(-1, 1));
        Assert.Single(config);
    }
}
