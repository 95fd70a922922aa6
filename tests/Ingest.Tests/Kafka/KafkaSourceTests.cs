using System.Runtime.InteropServices;
using Confluent.Kafka;
using FsCheck;
using FsCheck.Fluent;
using GpuCrypt.Ingest.Kafka;
using GpuCrypt.Ingest.Kafka.Embedded;

namespace GpuCrypt.Ingest.Tests.Kafka;

public sealed class KafkaSourceTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Records_of_any_sizes_come_whole_and_in_order_through_batches_that_hold_few_of_them()
    {
        const int Count = 1500;
        // Sizes around every limit: rows, elements, and bytes of keys and rejected values in a batch.
        Gen<(int Key, int Value, int Headers)> one =
            from key in Gen.Frequency((2, Gen.Constant(-1)), (5, Gen.Choose(0, 40)), (2, Gen.Choose(1000, 16_000)), (1, Gen.Choose(16_001, 20_000)))
            from value in Gen.Frequency((1, Gen.Constant(-1)), (5, Gen.Choose(0, 100)), (4, Gen.Choose(500, 4000)), (1, Gen.Choose(4001, 5000)))
            from headers in Gen.Choose(0, 3)
            select (key, value, headers);
        (int Key, int Value, int Headers)[] sizes = one.ArrayOf(Count).Sample(1, 1).Single();
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("in", 1) } });
        using var rig = new SourceRig(broker.BootstrapServers, "sizes", batches: 3, rows: 12, values: 8192, maxMessageBytes: 16_000, TimeSpan.FromMilliseconds(2));
        using PacedProducer producer = new(new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 1 }, "in", 1);
        Task producing = Task.Run(() =>
        {
            for (int i = 0; i < Count; i++)
            {
                Headers headers = [];
                for (int h = 0; h < sizes[i].Headers; h++)
                    headers.Add("h", [(byte)h]);
                producer.Produce(0, new Message<byte[], byte[]>
                {
                    Key = sizes[i].Key < 0 ? null! : [.. Enumerable.Repeat((byte)i, sizes[i].Key)],
                    Value = sizes[i].Value < 0 ? null! : Floats(i, sizes[i].Value),
                    Headers = headers,
                    Timestamp = new Timestamp(1_600_000_000_000 + i, TimestampType.CreateTime),
                });
            }
        });

        // Batches come back late now and then, so that the ring runs out.
        var random = new Random(5);
        List<ConsumedRecord> records = [];
        var time = System.Diagnostics.Stopwatch.StartNew();
        while (records.Count < Count && time.Elapsed < KafkaClients.Bound)
        {
            if (rig.Take(TimeSpan.FromMilliseconds(200)) is not { } batch)
                continue;
            if (random.Next(60) == 0)
                Thread.Sleep(20);
            records.AddRange(rig.Finish(batch));
            producer.AdvanceTo(0, records.Count);
        }

        Assert.Equal(Count, records.Count);
        for (int i = 0; i < Count; i++)
        {
            ConsumedRecord record = records[i];
            (int key, int value, int headers) = sizes[i];
            Assert.Equal((i, 1_600_000_000_000 + i, headers), (record.Offset, record.Timestamp, record.Headers));
            Assert.Equal(key is < 0 or > 16_000 ? null : [.. Enumerable.Repeat((byte)i, key)], record.Key);
            KafkaRecordKind kind = value < 0 ? KafkaRecordKind.Tombstone : key > 16_000 || 4 * value > 16_000 ? KafkaRecordKind.Rejected : KafkaRecordKind.Vectors;
            if (value < 0)
                Assert.True(record.Kind is KafkaRecordKind.Tombstone);
            else
                Assert.Equal(kind, record.Kind);
            if (kind == KafkaRecordKind.Vectors)
                Assert.Equal(Floats(i, value), MemoryMarshal.AsBytes(record.Vector.AsSpan()).ToArray());
        }

        Assert.True(producing.IsCompletedSuccessfully);
        rig.Stop();
    }

    [Fact]
    public void Without_free_batches_consumption_pauses_goes_on_polling_and_loses_nothing()
    {
        const int Count = 600;
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("in", 1) } });
        using var rig = new SourceRig(broker.BootstrapServers, "pause", batches: 3, rows: 1000, values: 4096, maxMessageBytes: 8192, TimeSpan.FromMilliseconds(5));
        Produce(broker, "in", Count, i => Floats(i, 300 + (i * 37 % 900)));

        // Two batches go out and are kept, the third fills up: a record then waits for a batch that does not come.
        Assert.True(SpinWait.SpinUntil(() => rig.Pauses > 0, TimeSpan.FromSeconds(15)), "consumption was not held back");
        Assert.Equal((3, 0), (rig.Waiting, rig.Resumes));
        // It goes on polling all the while: a source that waits for a batch inside the client would not stop.
        Thread.Sleep(300);
        Assert.Equal((3, 1), (rig.Waiting, rig.Pauses));

        List<ConsumedRecord> records = rig.FinishUntil(Count);
        Assert.Equal(Enumerable.Range(0, Count).Select(i => (long)i), records.Select(r => r.Offset));
        Assert.All(records, r => Assert.Equal(Floats((int)r.Offset, 300 + ((int)r.Offset * 37 % 900)), MemoryMarshal.AsBytes(r.Vector.AsSpan()).ToArray()));
        Assert.True(rig.Resumes > 0);
        rig.Stop();
    }

    [Fact]
    public void A_source_whose_batches_are_all_away_stops_at_once()
    {
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("in", 1) } });
        using var rig = new SourceRig(broker.BootstrapServers, "stop", batches: 3, rows: 1000, values: 4096, maxMessageBytes: 8192, TimeSpan.FromMilliseconds(5));
        Produce(broker, "in", 100, i => Floats(i, 300 + (i * 37 % 900)));
        Assert.True(SpinWait.SpinUntil(() => rig.Pauses > 0, TimeSpan.FromSeconds(15)), "consumption was not held back");
        var time = System.Diagnostics.Stopwatch.StartNew();
        rig.Stop();
        Assert.True(time.Elapsed < Second, $"stopped after {time.ElapsedMilliseconds} ms");
        time.Restart();
        rig.Dispose();
        Assert.True(time.Elapsed < Second, $"closed after {time.ElapsedMilliseconds} ms: what is not delivered is not waited for again");
    }

    [Fact]
    public void Partitions_assigned_while_consumption_is_held_back_do_not_leave_the_others_paused_for_good()
    {
        const int Partitions = 4, Each = 100;
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("in", Partitions) } });
        using var rig = new SourceRig(broker.BootstrapServers, "shared", batches: 3, rows: 10, values: 4096, maxMessageBytes: 8192, TimeSpan.FromMilliseconds(5));
        Assert.True(SpinWait.SpinUntil(() => rig.Assigned > 0, TimeSpan.FromSeconds(15)));
        using IProducer<byte[], byte[]> producer = KafkaClients.Producer(broker.BootstrapServers);
        for (int i = 0; i < Partitions * Each; i++)
            producer.Produce(new TopicPartition("in", i % Partitions), new Message<byte[], byte[]> { Value = Floats(i, 3) });
        Assert.True(SpinWait.SpinUntil(() => rig.Pauses > 0, TimeSpan.FromSeconds(15)), "consumption was not held back");

        // Another member takes some partitions and gives them back, while the ring is empty.
        int before = rig.Assigned;
        using (var other = new SourceRig(broker.BootstrapServers, "shared", batches: 3, rows: 10, values: 4096, maxMessageBytes: 8192, TimeSpan.FromMilliseconds(5)))
            Assert.True(SpinWait.SpinUntil(() => other.Assigned > 0 && other.Waiting > 0, TimeSpan.FromSeconds(60)), "the other member got nothing");
        Assert.True(SpinWait.SpinUntil(() => rig.Assigned > before, TimeSpan.FromSeconds(60)), "the partitions did not come back");

        HashSet<(int, long)> seen = [];
        var time = System.Diagnostics.Stopwatch.StartNew();
        while (seen.Count < Partitions * Each && time.Elapsed < TimeSpan.FromSeconds(15))
        {
            if (rig.Take(TimeSpan.FromMilliseconds(100)) is { } batch)
                seen.UnionWith(rig.Finish(batch).Select(r => (r.Partition, r.Offset)));
        }

        Assert.Equal("0:100 1:100 2:100 3:100", string.Join(' ', seen.GroupBy(s => s.Item1).OrderBy(g => g.Key).Select(g => $"{g.Key}:{g.Count()}")));
        rig.Stop();
    }

    private static void Produce(EmbeddedBroker broker, string topic, int count, Func<int, byte[]> value)
    {
        using IProducer<byte[], byte[]> producer = KafkaClients.Producer(broker.BootstrapServers);
        for (int i = 0; i < count; i++)
            producer.Produce(new TopicPartition(topic, 0), new Message<byte[], byte[]> { Value = value(i) });
        producer.Flush(KafkaClients.Bound);
    }

    private static byte[] Floats(int seed, int count) => MemoryMarshal.AsBytes(Enumerable.Range(seed, count).Select(n => (float)n).ToArray().AsSpan()).ToArray();
}
