using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;
using GpuCrypt.Host.Demo;
using GpuCrypt.Ingest.Kafka;
using GpuCrypt.Ingest.Kafka.Embedded;
using GpuCrypt.Kernels;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Host.Tests.Demo;

/// <summary>The positive control of the demo: a checker that finds nothing wrong must be able to find what is.</summary>
public sealed class DemoCheckerTests
{
    private const int Records = 20;
    private static readonly byte[] Secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public void Missing_repeated_altered_foreign_and_rejected_records_are_each_counted()
    {
        NativeLibrdkafka.Load();
        SampleSet samples = SampleSet.Load();
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { (DemoTopics.Sink, DemoTopics.Partitions), (DemoTopics.DeadLetter, 1) } });
        using VectorKey key = VectorKey.Derive(1, Secret, "demo", "p", 0.4f, false), other = VectorKey.Derive(1, Secret, "other", "p", 0.4f, false);
        using var cipher = new VectorCipher(key);
        using var wrong = new VectorCipher(other);
        var verified = new List<int>();
        using var checker = new DemoChecker(broker.BootstrapServers, samples, Records, cipher, wrong, 0.1f, verified.Add);
        using (IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build())
        {
            for (int number = 0; number < Records; number++)
            {
                float[] plain = samples.Row(number).ToArray();
                switch (number)
                {
                    case 3:
                        // Never arrives.
                        continue;
                    case 5:
                        // Not what went in.
                        plain[7] += 1e-3f;
                        break;
                }

                EncryptedVector vector = (number == 9 ? wrong : cipher).Encrypt(plain);
                if (number == 11)
                    vector.Cipher[0] += 1f;
                Send(number, samples.Words[number], vector);
                if (number == 13)
                    Send(number, samples.Words[number], vector);
                if (number == 15)
                    Send(number, "not its word", vector);
            }

            Send(Records + 1, samples.Words[1], cipher.Encrypt(samples.Row(1)));
            producer.Produce(DemoTopics.DeadLetter, new Message<byte[], byte[]> { Value = [1] });
            producer.Flush(TimeSpan.FromSeconds(10));

            void Send(int number, string word, EncryptedVector vector) => producer.Produce(
                new TopicPartition(DemoTopics.Sink, number % DemoTopics.Partitions),
                new Message<byte[], byte[]>
                {
                    Key = Encoding.UTF8.GetBytes(word),
                    Value = MemoryMarshal.AsBytes(vector.Cipher.AsSpan()).ToArray(),
                    Headers = new Headers { { DemoTopics.IdHeader, Encoding.UTF8.GetBytes($"{number}") }, { "paired_icl_info", vector.Metadata } },
                });
        }

        checker.ReadAll(TimeSpan.FromSeconds(2), CancellationToken.None);
        Assert.Equal(Records - 1, checker.Distinct);
        Assert.Equal(1, checker.Repeated);
        Assert.Equal(2, checker.Misfits);
        Assert.Equal(1, checker.DeadLetters);
        // Another key's record and the altered one.
        Assert.Equal(2, checker.BadTags);
        Assert.Equal(1, checker.BeyondRounding);
        // The record under the other key is the one that the other key opens.
        Assert.Equal(1, checker.WrongKeyOpened);
        Assert.Equal(Enumerable.Range(0, Records).Where(i => i != 3), verified.Order());
    }
}
