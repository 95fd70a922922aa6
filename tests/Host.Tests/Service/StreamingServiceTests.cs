using System.Runtime.InteropServices;
using Confluent.Kafka;
using GpuCrypt.Host.Service;
using GpuCrypt.Ingest.Kafka.Embedded;
using GpuCrypt.Kernels;
using GpuCrypt.Kernels.Keys;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuCrypt.Host.Tests.Service;

/// <summary>The service in the process against the embedded broker: what goes in comes out encrypted, once, with what it came with.</summary>
public sealed class StreamingServiceTests : IDisposable
{
    private const string Secret = "4560639ec670b7a17d492b273e077b0a96bef58ba7760779e544546e000efec8";
    private readonly string _folder = Directory.CreateTempSubdirectory("gpucrypt-").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task Raw_records_come_out_encrypted_once_with_key_headers_and_timestamp()
    {
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("in", 2), ("out", 2), ("in-dead-letter", 1) } });
        string keyring = Path.Combine(_folder, "keys.json");
        using (var stop = new CancellationTokenSource())
        {
            GpuCryptKeyring.Write(keyring, Secret);
            var settings = new ServiceSettings
            {
                Kafka = new KafkaSettings { BootstrapServers = broker.BootstrapServers, ConsumerProperties = new Dictionary<string, string> { ["fetch.wait.max.ms"] = "10" } },
                Keyring = new KeyringSettings { File = keyring },
                Topics = [new TopicSettings { Source = "in", Sink = "out", DefaultTenant = "t", DefaultDerivationPath = "p" }],
            };
            using var service = new StreamingService(settings, NullLogger.Instance);
            Task<bool> run = Task.Run(() => service.Run(stop.Token));
            using IProducer<string, byte[]> producer = new ProducerBuilder<string, byte[]>(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build();
            var random = new Random(1);
            float[][] plain = [.. Enumerable.Range(0, 1000).Select(i => Enumerable.Range(0, 1 + (i % 40)).Select(_ => (float)random.NextDouble()).ToArray())];
            for (int i = 0; i < plain.Length; i++)
            {
                producer.Produce("in", new Message<string, byte[]>
                {
                    Key = $"k{i}",
                    Value = MemoryMarshal.AsBytes(plain[i].AsSpan()).ToArray(),
                    Headers = i % 2 == 0 ? new Headers { { "trace", BitConverter.GetBytes(i) } } : null,
                    Timestamp = new Timestamp(1_700_000_000_000 + i, TimestampType.CreateTime),
                });
            }

            using VectorKey key = VectorKey.Derive(1, Convert.FromHexString(Secret), "t", "p", 1f, false);
            using var cipher = new VectorCipher(key);
            using IConsumer<string, byte[]> consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig
            {
                BootstrapServers = broker.BootstrapServers,
                GroupId = "check",
                AutoOffsetReset = AutoOffsetReset.Earliest,
                FetchWaitMaxMs = 10,
            }).Build();
            consumer.Assign([new TopicPartitionOffset("out", 0, Offset.Beginning), new TopicPartitionOffset("out", 1, Offset.Beginning)]);
            var seen = new HashSet<string>();
            var deadline = DateTime.UtcNow.AddSeconds(30);
            while (seen.Count < plain.Length && DateTime.UtcNow < deadline)
            {
                ConsumeResult<string, byte[]> result = consumer.Consume(TimeSpan.FromSeconds(1));
                if (result?.Message is null)
                    continue;
                int i = int.Parse(result.Message.Key[1..]);
                Assert.True(seen.Add(result.Message.Key));
                Assert.Equal(1_700_000_000_000 + i, result.Message.Timestamp.UnixTimestampMs);
                Assert.Equal(i % 2 == 0, result.Message.Headers.TryGetLastBytes("trace", out _));
                float[] back = cipher.Decrypt(MemoryMarshal.Cast<byte, float>(result.Message.Value), result.Message.Headers.GetLastBytes("paired_icl_info"));
                Assert.All(back.Zip(plain[i]), p => Assert.InRange(p.First - p.Second, -1e-6f, 1e-6f));
            }

            Assert.Equal(plain.Length, seen.Count);
            stop.Cancel();
            Assert.True(await run);
            Assert.Equal(1000, service.Counters.RecordsOut);
        }
    }
}

internal static class GpuCryptKeyring
{
    public static void Write(string file, string secret)
    {
        using var stream = new FileStream(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        using var writer = new StreamWriter(stream);
        writer.Write("""
            {"format":"gpucrypt-keyring","version":1,"secretPaths":{"default":{"approximationFactor":1,"scaling":false,
             "current":{"id":1,"created":"2026-01-01T00:00:00Z","secret":"SECRET"}}}}
            """.Replace("SECRET", secret, StringComparison.Ordinal));

    }
}
