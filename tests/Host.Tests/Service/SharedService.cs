using System.Collections.Concurrent;
using System.Text;
using Confluent.Kafka;
using GpuCrypt.Host.Service;
using GpuCrypt.Ingest.Kafka;
using GpuCrypt.Ingest.Kafka.Embedded;

namespace GpuCrypt.Host.Tests.Service;

/// <summary>Tests that share one running service, since joining a group takes seconds.</summary>
[CollectionDefinition(Name)]
public sealed class SharedServiceTests : ICollectionFixture<SharedService>
{
    public const string Name = "one service for many tests";
}

/// <summary>A broker with one service that has a route of each kind. Tests tell their records apart by keys of their own.</summary>
public sealed class SharedService : IDisposable
{
    public const int MaxMessageBytes = 32 * 1024;

    private static readonly string[] Sources = ["raw", "npy", "json", "four", "strict", "scaled", "random"];

    private readonly TemporaryFolder _folder = new();
    private readonly EmbeddedBroker _broker;
    private readonly StreamingService _service;
    private readonly StreamingService _randomService;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task<bool>[] _running;
    private readonly IProducer<byte[], byte[]> _producer;
    private readonly ConcurrentDictionary<string, TopicReader> _readers = new();

    public SharedService()
    {
        var options = new EmbeddedBrokerOptions();
        foreach (string source in Sources)
        {
            options.Topics.Add((source, 1));
            options.Topics.Add((source + "-out", 1));
            options.Topics.Add((source + "-dead-letter", 1));
        }

        _broker = EmbeddedBroker.Start(options);
        string keyring = ServiceKeys.Write(_folder["keys.json"]);
        var settings = new ServiceSettings
        {
            Kafka = new KafkaSettings
            {
                BootstrapServers = _broker.BootstrapServers,
                CommitInterval = TimeSpan.FromMilliseconds(100),
                ConsumerProperties = new Dictionary<string, string> { ["fetch.wait.max.ms"] = "10" },
            },
            Keyring = new KeyringSettings { File = keyring },
            Json = new JsonFieldSettings { Tenant = "tenant", DerivationPath = "path" },
            Batch = new BatchSettings { Rows = 256, Bytes = 256 * 1024, MaxMessageBytes = MaxMessageBytes },
            Threads = 2,
            Topics =
            [
                new TopicSettings { Source = "raw", Sink = "raw-out", DefaultTenant = "t", DefaultDerivationPath = "p" },
                new TopicSettings { Source = "npy", Sink = "npy-out", Format = "npy", DefaultTenant = "t", DefaultDerivationPath = "p" },
                new TopicSettings { Source = "json", Sink = "json-out", Format = "json", DefaultTenant = "t", DefaultDerivationPath = "p" },
                new TopicSettings { Source = "four", Sink = "four-out", Dimension = 4, DefaultTenant = "t", DefaultDerivationPath = "p" },
                new TopicSettings { Source = "strict", Sink = "strict-out", AllowedTenants = ["alpha", "beta"], DefaultDerivationPath = "p" },
                new TopicSettings { Source = "scaled", Sink = "scaled-out", SecretPath = "scaled", DefaultTenant = "t", DefaultDerivationPath = "p" },
            ],
        };
        _service = new StreamingService(settings, Log);
        _randomService = new StreamingService(
            settings with
            {
                Iv = Kernels.Batches.IvSource.Random,
                Kafka = settings.Kafka with { GroupId = "random" },
                Topics = [new TopicSettings { Source = "random", Sink = "random-out", DefaultTenant = "t", DefaultDerivationPath = "p" }],
            },
            Log);
        _running = [Task.Run(() => _service.Run(_stop.Token)), Task.Run(() => _randomService.Run(_stop.Token))];
        _producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = _broker.BootstrapServers, LingerMs = 1 }).SetLogHandler((_, _) => { }).Build();
        foreach (string source in Sources)
            TopicWarmup.Ask(_producer.Handle, source, TimeSpan.FromSeconds(5));
    }

    internal CapturedLog Log { get; } = new();

    internal StreamingService Service => _service;

    /// <summary>Produces a record and returns its offset.</summary>
    public long Send(string topic, string? key, byte[]? value, params (string Name, byte[]? Value)[] headers) =>
        Send(topic, key is null ? null : Encoding.UTF8.GetBytes(key), value, default, headers);

    public long Send(string topic, byte[]? key, byte[]? value, Timestamp timestamp, params (string Name, byte[]? Value)[] headers)
    {
        var message = new Message<byte[], byte[]> { Key = key!, Value = value!, Timestamp = timestamp };
        if (headers.Length > 0)
        {
            message.Headers = [];
            foreach ((string name, byte[]? header) in headers)
                message.Headers.Add(name, header);
        }

        return _producer.ProduceAsync(new TopicPartition(topic, 0), message).GetAwaiter().GetResult().Offset.Value;
    }

    /// <summary>The first record of a topic that has the key, waiting for it.</summary>
    public ConsumeResult<byte[], byte[]> Take(string topic, string key) => TakeAll(topic, key, 1)[0];

    /// <summary>The records of a topic that have the key, waiting for so many.</summary>
    public IReadOnlyList<ConsumeResult<byte[], byte[]>> TakeAll(string topic, string key, int count) => TakeWhere(topic, r => KeyOf(r) == key, count, key);

    public IReadOnlyList<ConsumeResult<byte[], byte[]>> TakeWhere(string topic, Func<ConsumeResult<byte[], byte[]>, bool> wanted, int count, string what = "records")
    {
        TopicReader reader = _readers.GetOrAdd(topic, name => new TopicReader(_broker.BootstrapServers, name, 1));
        Assert.True(reader.ReadUntil(records => records.Count(wanted) >= count), $"{topic}: {what}: {reader.Records.Count(wanted)} of {count} came. Log:\n{Log}");
        return [.. reader.Records.Where(wanted)];
    }

    /// <summary>The dead letter of a source offset.</summary>
    public ConsumeResult<byte[], byte[]> TakeDeadLetter(string source, long offset) =>
        TakeWhere(source + "-dead-letter", r => Text(r, "gpucrypt-source-offset") == $"{offset}", 1, $"the dead letter of offset {offset}")[0];

    internal static string? Text(ConsumeResult<byte[], byte[]> record, string header) =>
        record.Message.Headers is { } headers && headers.TryGetLastBytes(header, out byte[] bytes) ? Encoding.UTF8.GetString(bytes) : null;

    public void Dispose()
    {
        _stop.Cancel();
        bool clean = Task.WhenAll(_running).GetAwaiter().GetResult().All(c => c);
        _service.Dispose();
        _randomService.Dispose();
        foreach (TopicReader reader in _readers.Values)
            reader.Dispose();
        _producer.Dispose();
        _broker.Dispose();
        _stop.Dispose();
        _folder.Dispose();
        Assert.True(clean, Log.ToString());
    }

    private static string? KeyOf(ConsumeResult<byte[], byte[]> record) => record.Message.Key is { } key ? Encoding.UTF8.GetString(key) : null;
}
