using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using GpuCrypt.Host.Service;
using GpuCrypt.Ingest.Kafka;
using GpuCrypt.Ingest.Kafka.Embedded;
using Xunit.Abstractions;

namespace GpuCrypt.Host.Tests.Service;

/// <summary>Alone in the process: what others allocate would be counted too.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AllocationTestsAlone
{
    public const string Name = "allocation of the whole process";
}

/// <summary>
/// The managed bytes that a message costs on its way from topic to topic, beside what the same client takes to copy it: the client's own part (about 750 bytes
/// in 1.9.3: results, reports and boxed structures) is out of our hands, ours is nothing.
/// </summary>
[Collection(AllocationTestsAlone.Name)]
public sealed class StreamAllocationTests : IDisposable
{
    private const int Partitions = 4, Warm = 20_000, Measured = 25_000, Dimension = 16;

    private readonly TemporaryFolder _folder = new();
    private readonly ITestOutputHelper _output;
    private readonly EmbeddedBroker _broker;

    public StreamAllocationTests(ITestOutputHelper output)
    {
        _output = output;
        var options = new EmbeddedBrokerOptions();
        foreach (string topic in new[] { "raw", "json", "out", "copy", "raw-dead-letter", "json-dead-letter" })
            options.Topics.Add((topic, Partitions));
        _broker = EmbeddedBroker.Start(options);
    }

    public void Dispose()
    {
        _broker.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_service_allocates_nothing_of_its_own_for_a_message()
    {
        Fill("raw", TestVectors.Raw);
        Fill("json", vector => Encoding.UTF8.GetBytes($"{{\"id\":1,\"vector\":{TestVectors.Json(vector)}}}"));
        // The first run of either finds the client's code not yet compiled to its best, which allocates more.
        Copy("raw");
        double raw = Serve("raw");
        double plain = Copy("raw");
        double json = Serve("json");
        _output.WriteLine($"bytes a message: plain copy {plain:0}, service raw {raw:0}, json {json:0}");
        Assert.InRange(raw - plain, -200, 100);
        // Texts have many lengths, and a serializer's array has exactly one: some are new now and then.
        Assert.InRange(json - plain, -200, 100);
    }

    /// <summary>What copying costs with the same client: nothing allocated but by the client.</summary>
    private double Copy(string topic)
    {
        byte[] key = new byte[4], value = new byte[4 * Dimension];
        using IConsumer<byte[], byte[]> consumer = new ConsumerBuilder<byte[], byte[]>(KafkaClients.Consumer(Clients("copy")))
            .SetKeyDeserializer(new Into(key)).SetValueDeserializer(new Into(value)).Build();
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(KafkaClients.Producer(Clients("copy"), 1_000_000, 100_000)).Build();
        TopicWarmup.Ask(producer.Handle, "copy", TimeSpan.FromSeconds(5));
        long delivered = 0;
        Action<DeliveryReport<byte[], byte[]>> onDelivery = _ => Interlocked.Increment(ref delivered);
        var message = new Message<byte[], byte[]> { Key = key, Value = value, Headers = new Headers { { "paired_icl_info", new byte[54] } } };
        var target = new TopicPartition("copy", Partition.Any);
        consumer.Assign(Enumerable.Range(0, Partitions).Select(p => new TopicPartitionOffset(topic, p, Offset.Beginning)));
        long records = 0, bytes = 0;
        for (int i = 0; i < Warm + Measured;)
        {
            if (i == Warm && bytes == 0)
            {
                Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(10)));
                (records, bytes) = (i, GC.GetTotalAllocatedBytes(precise: true));
            }

            if (consumer.Consume(TimeSpan.FromSeconds(5)) is not { Message: { } consumed })
                continue;
            message.Timestamp = consumed.Timestamp;
            producer.Produce(target, message, onDelivery);
            i++;
        }

        Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(10)));
        Assert.Equal(Warm + Measured, Interlocked.Read(ref delivered));
        return (double)(GC.GetTotalAllocatedBytes(precise: true) - bytes) / (delivered - records);
    }

    private double Serve(string format)
    {
        using var service = new RunningService(new ServiceSettings
        {
            Kafka = Clients(format),
            Keyring = new KeyringSettings { File = ServiceKeys.Write(_folder[$"{format}.json"]) },
            Topics = [new TopicSettings { Source = format, Sink = "out", Format = format, DefaultTenant = "t", DefaultDerivationPath = "p" }],
            Batch = new BatchSettings { Rows = 256, Bytes = 128 * 1024, MaxMessageBytes = 8192 },
        });
        WaitFor(Warm);
        // By what is consumed: the few that are on the way count their delivery on top, never less.
        long records = service.Service.Counters.RecordsIn, bytes = GC.GetTotalAllocatedBytes(precise: true);
        WaitFor(Warm + Measured);
        double each = (double)(GC.GetTotalAllocatedBytes(precise: true) - bytes) / (service.Service.Counters.RecordsIn - records);
        Assert.Equal(0, service.Service.Counters.Rejected);
        Assert.True(service.Stop());
        return each;

        void WaitFor(int count)
        {
            for (var time = Stopwatch.StartNew(); service.Service.Counters.RecordsOut < count; Thread.Sleep(1))
                Assert.True(time.Elapsed < TimeSpan.FromSeconds(30), service.Log.ToString());
        }
    }

    private KafkaSettings Clients(string group) => new()
    {
        BootstrapServers = _broker.BootstrapServers,
        GroupId = group,
        ConsumerProperties = new Dictionary<string, string> { ["fetch.wait.max.ms"] = "10" },
    };

    private void Fill(string topic, Func<float[], byte[]> message)
    {
        byte[][] values = [.. Enumerable.Range(0, 100).Select(i => message(TestVectors.Random(i, Dimension)))];
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = _broker.BootstrapServers, LingerMs = 5, MaxInFlight = 1 }).Build();
        for (int i = 0; i < Warm + Measured; i++)
            producer.Produce(new TopicPartition(topic, i % Partitions), new Message<byte[], byte[]> { Key = BitConverter.GetBytes(i), Value = values[i % 100] });
        Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(30)));
    }

    private sealed class Into(byte[] buffer) : IDeserializer<byte[]>
    {
        public byte[] Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
        {
            data.CopyTo(buffer);
            return buffer;
        }
    }
}
