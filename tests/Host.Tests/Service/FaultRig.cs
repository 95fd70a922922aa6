using System.Diagnostics;
using Confluent.Kafka;
using GpuCrypt.Host.Service;
using GpuCrypt.Ingest.Kafka.Embedded;

namespace GpuCrypt.Host.Tests.Service;

/// <summary>
/// A cluster of two brokers, one for the source and the group, one for the sink, so that either can fail alone. Records are numbered by
/// their timestamps: number n is in source partition n % 2 at offset n / 2, and has one of a few keys.
/// </summary>
internal sealed class FaultRig : IDisposable
{
    public const int Partitions = 2;
    public const int SinkBroker = 2;
    public const string Group = "faults";

    private const long Epoch = 1_700_000_000_000;
    private const int Keys = 10;

    private readonly TemporaryFolder _folder = new();
    private readonly List<RunningService> _services = [];
    private readonly IConsumer<Ignore, Ignore> _asker;
    private readonly IProducer<byte[], byte[]> _producer;

    public FaultRig()
    {
        Broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Brokers = 2, Topics = { ("in", Partitions), ("out", Partitions), ("in-dead-letter", 1) } });
        Broker.SetGroupCoordinator(Group, 1);
        for (int p = 0; p < Partitions; p++)
        {
            Broker.SetLeader("in", p, 1);
            Broker.SetLeader("out", p, SinkBroker);
        }

        Broker.SetLeader("in-dead-letter", 0, SinkBroker);
        KeyringFile = ServiceKeys.Write(_folder["keys.json"]);
        // What asks and produces goes to the first broker alone: it would otherwise wait for the other when that is away.
        _asker = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = Broker.BootstrapServers, GroupId = Group, EnableAutoCommit = false })
            .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        _producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = Broker.BootstrapServers, LingerMs = 2, MaxInFlight = 1, MessageTimeoutMs = 30_000 })
            .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        Sink = new TopicReader(Broker.BootstrapServers, "out", Partitions);
    }

    public EmbeddedBroker Broker { get; }

    public string KeyringFile { get; }

    public TopicReader Sink { get; }

    /// <summary>Records produced so far.</summary>
    public int Produced { get; private set; }

    public static int NumberOf(ConsumeResult<byte[], byte[]> record) => (int)(record.Message.Timestamp.UnixTimestampMs - Epoch);

    public ServiceSettings Settings(BatchSettings? batch = null, TimeSpan? drain = null) => new()
    {
        Kafka = new KafkaSettings
        {
            BootstrapServers = Broker.BootstrapServers,
            GroupId = Group,
            CommitInterval = TimeSpan.FromMilliseconds(50),
            // The embedded broker does not put requests of an idempotent producer in order: one at a time.
            ProducerProperties = new Dictionary<string, string> { ["max.in.flight"] = "1", ["retry.backoff.ms"] = "20" },
            ConsumerProperties = new Dictionary<string, string> { ["fetch.wait.max.ms"] = "10", ["session.timeout.ms"] = "6000", ["heartbeat.interval.ms"] = "500" },
            Properties = new Dictionary<string, string> { ["reconnect.backoff.ms"] = "20", ["reconnect.backoff.max.ms"] = "200" },
        },
        Keyring = new KeyringSettings { File = KeyringFile },
        Topics = [new TopicSettings { Source = "in", Sink = "out", DefaultTenant = "t", DefaultDerivationPath = "p" }],
        Batch = batch ?? new BatchSettings { Count = 4, Rows = 64, Bytes = 65536, MaxMessageBytes = 8192, Linger = TimeSpan.FromMilliseconds(2) },
        Threads = 1,
        DrainTimeout = drain ?? TimeSpan.FromSeconds(10),
    };

    /// <summary>The same settings as a file for the program.</summary>
    public string SettingsFile(int drainSeconds = 10, string bootstrapServers = "", string keyring = "", string topicExtra = "", string extra = "")
    {
        string file = _folder[$"serve-{Guid.NewGuid():N}.json"];
        File.WriteAllText(file, $$"""
            {
              "kafka": {
                "bootstrapServers": "{{(bootstrapServers.Length > 0 ? bootstrapServers : Broker.BootstrapServers)}}", "groupId": "{{Group}}", "commitInterval": "50ms",
                "properties": { "reconnect.backoff.ms": "20", "reconnect.backoff.max.ms": "200" },
                "producerProperties": { "max.in.flight": "1", "retry.backoff.ms": "20" },
                "consumerProperties": { "fetch.wait.max.ms": "10", "session.timeout.ms": "6000", "heartbeat.interval.ms": "500" }
              },
              "keyring": { "file": "{{(keyring.Length > 0 ? keyring : KeyringFile)}}" },
              "topics": [ { "source": "in", "sink": "out", "defaultTenant": "t", "defaultDerivationPath": "p"{{topicExtra}} } ],
              "batch": { "count": 4, "rows": 64, "bytes": "64KiB", "maxMessageBytes": "8KiB", "linger": "2ms" },
              "drainTimeout": "{{drainSeconds}}s"{{extra}}
            }
            """);
        return file;
    }

    public RunningService Start(ServiceSettings settings)
    {
        var service = new RunningService(settings);
        _services.Add(service);
        Assert.True(service.Service.WaitUntilAssigned(TimeSpan.FromSeconds(20), CancellationToken.None), service.Log.ToString());
        return service;
    }

    /// <summary>Produces the next records; returns when the cluster has them.</summary>
    public void Produce(int count)
    {
        for (int i = 0; i < count; i++, Produced++)
        {
            int n = Produced;
            _producer.Produce(new TopicPartition("in", n % Partitions), new Message<byte[], byte[]>
            {
                Key = [(byte)(n % Keys)],
                Value = TestVectors.Raw(TestVectors.Random(n, 4 + (n % 60))),
                Timestamp = new Timestamp(Epoch + n, TimestampType.CreateTime),
            });
        }

        Assert.Equal(0, _producer.Flush(TimeSpan.FromSeconds(30)));
    }

    /// <summary>The group's committed offset of each source partition; 0 where there is none.</summary>
    public long[] Committed() =>
        [.. _asker.Committed(Enumerable.Range(0, Partitions).Select(p => new TopicPartition("in", p)), TimeSpan.FromSeconds(10)).Select(c => c.Offset.IsSpecial ? 0 : c.Offset.Value)];

    /// <summary>Waits until the group has committed everything that was produced.</summary>
    public bool WaitUntilCommitted(TimeSpan timeout)
    {
        for (var time = Stopwatch.StartNew(); time.Elapsed < timeout; Thread.Sleep(20))
        {
            if (Committed().Sum() == Produced)
                return true;
        }

        return false;
    }

    /// <summary>Checks that the sink holds every record before the committed offsets. The sink's broker has to be there.</summary>
    public void AssertSinkIsAheadOfCommits()
    {
        long[] committed = Committed();
        HashSet<int> there = [.. Sink.ReadToEnd().Select(NumberOf)];
        for (int p = 0; p < Partitions; p++)
        {
            for (int offset = 0; offset < committed[p]; offset++)
                Assert.True(there.Contains((offset * Partitions) + p), $"in[{p}]@{offset} is committed (next {committed[p]}) and not in the sink");
        }
    }

    /// <summary>Checks that everything is in the sink, whole, and that for each key what is new came in the order it was produced.</summary>
    /// <returns>How many records are there more than once.</returns>
    public int AssertAllArrivedInOrder()
    {
        Assert.True(Sink.ReadUntil(records => records.Select(NumberOf).Distinct().Count() >= Produced), $"{Sink.Records.Select(NumberOf).Distinct().Count()} of {Produced} arrived");
        Sink.ReadToEnd();
        var last = new Dictionary<byte, int>();
        var first = new Dictionary<int, ConsumeResult<byte[], byte[]>>();
        foreach (ConsumeResult<byte[], byte[]> record in Sink.Records)
        {
            int n = NumberOf(record);
            byte key = Assert.Single(record.Message.Key);
            Assert.Equal(n % Keys, key);
            if (first.TryGetValue(n, out ConsumeResult<byte[], byte[]>? earlier))
            {
                // Synthetic IVs: who sees both copies learns nothing from the second.
                Assert.Equal(earlier.Message.Value, record.Message.Value);
                continue;
            }

            first.Add(n, record);
            Assert.True(n > last.GetValueOrDefault(key, -1), $"record {n} of key {key} came after {last.GetValueOrDefault(key, -1)}");
            last[key] = n;
        }

        foreach ((int n, ConsumeResult<byte[], byte[]> record) in first.Where(f => f.Key % 17 == 0))
            TestVectors.AssertClose(TestVectors.Random(n, 4 + (n % 60)), ServiceKeys.Decrypt(record.Message.Value, record.Message.Headers.GetLastBytes("paired_icl_info")));
        return Sink.Records.Count - first.Count;
    }

    public void Dispose()
    {
        foreach (RunningService service in _services)
            service.Dispose();
        Sink.Dispose();
        _asker.Dispose();
        _producer.Dispose();
        Broker.Dispose();
        _folder.Dispose();
    }
}

/// <summary>A service on a thread of its own.</summary>
internal sealed class RunningService : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task<bool> _run;
    private bool _disposed;

    public RunningService(ServiceSettings settings)
    {
        Service = new StreamingService(settings, Log);
        _run = Task.Factory.StartNew(() => Service.Run(_stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public CapturedLog Log { get; } = new();

    public StreamingService Service { get; }

    /// <summary>Stops the service as SIGTERM does; true when everything was delivered and committed.</summary>
    public bool Stop(TimeSpan? bound = null)
    {
        _stop.Cancel();
        Assert.True(_run.Wait(bound ?? TimeSpan.FromSeconds(30)), "the service did not stop in time");
        return _run.Result;
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _stop.Cancel();
        _run.Wait(TimeSpan.FromSeconds(60));
        Service.Dispose();
        _stop.Dispose();
    }
}
