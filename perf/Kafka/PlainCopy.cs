using System.Diagnostics;
using Confluent.Kafka;
using GpuCrypt.Host.Service;
using GpuCrypt.Host.Telemetry;
using GpuCrypt.Ingest.Kafka;

namespace GpuCrypt.Perf.Kafka;

/// <summary>
/// What the service is held against: the same clients with the same settings copy records from topic to topic, with a header as large as
/// the service's metadata, through reused arrays, and commit as often.
/// </summary>
internal static class PlainCopy
{
    private const int StoreEvery = 1000;
    private const int MaxInFlight = 32_768;

    public static LoadResult Run(KafkaSettings settings, string group, int dimension, long records)
    {
        byte[] key = new byte[8], value = new byte[4 * dimension];
        using IConsumer<byte[], byte[]> consumer = new ConsumerBuilder<byte[], byte[]>(KafkaClients.Consumer(settings with { GroupId = group }))
            .SetKeyDeserializer(new Into(key)).SetValueDeserializer(new Into(value)).Build();
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(KafkaClients.Producer(settings, 4 << 20, MaxInFlight)).Build();
        TopicWarmup.Ask(producer.Handle, $"{group}-out", TimeSpan.FromSeconds(5));
        // Records of a partition come and go in order, so that the oldest time belongs to the next report, to within a batch of the client's.
        long[] times = new long[MaxInFlight];
        long[] next = new long[BrokerProcess.Partitions];
        var latencies = new HdrRecorder(StageLatencies.DefaultLayout);
        long consumed = 0, delivered = 0;
        Action<DeliveryReport<byte[], byte[]>> onDelivery = report =>
        {
            if (report.Error.IsError)
                throw new KafkaException(report.Error);
            latencies.Record(Stopwatch.GetElapsedTime(times[delivered % MaxInFlight]).Ticks * 100);
            Interlocked.Increment(ref delivered);
        };
        var message = new Message<byte[], byte[]> { Key = key, Value = value, Headers = new Headers { { "paired_icl_info", new byte[54] } } };
        var target = new TopicPartition($"{group}-out", Partition.Any);
        // In a group, as the service: what is stored is committed by the client.
        consumer.Subscribe($"{group}-in");
        var meter = new LoadMeter();
        while (consumed < records)
        {
            if (!meter.Started && Interlocked.Read(ref delivered) >= records / 10)
                meter.Start(Interlocked.Read(ref delivered));
            if (consumer.Consume(TimeSpan.FromMilliseconds(100)) is not { Message: { } source } result)
                continue;
            while (consumed - Interlocked.Read(ref delivered) >= MaxInFlight)
                Thread.Sleep(1);
            times[consumed % MaxInFlight] = Stopwatch.GetTimestamp();
            message.Timestamp = source.Timestamp;
            producer.Produce(target, message, onDelivery);
            next[result.Partition.Value] = result.Offset.Value + 1;
            if (++consumed % StoreEvery != 0)
                continue;
            for (int p = 0; p < next.Length; p++)
            {
                if (next[p] > 0)
                    consumer.StoreOffset(new TopicPartitionOffset($"{group}-in", p, next[p]));
            }
        }

        while (Interlocked.Read(ref delivered) < records)
            Thread.Sleep(1);
        LoadResult measured = meter.Stop(delivered, latencies.Total());
        consumer.Close();
        return measured;
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
