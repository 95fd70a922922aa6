using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;

namespace GpuCrypt.Ingest.Kafka.Embedded;

/// <summary>
/// A Kafka cluster inside this process: librdkafka's mock cluster, a real TCP endpoint on 127.0.0.1 that this and other processes of the machine can produce to,
/// consume from and commit offsets on. It keeps everything in memory and, per partition, no more than <see cref="PartitionCapacityBytes"/>: the oldest records
/// fall out without a word, so write through a <see cref="PacedProducer"/>. docs/EMBEDDED-BROKER.md says what it proves and what it does not.
/// </summary>
/// <remarks>Thread-safe. Close clients before disposing the broker: they would go on trying to reach it.</remarks>
public sealed class EmbeddedBroker : IDisposable
{
    /// <summary>What a partition holds, in bytes of record batches as they came (after compression). Above it the oldest batches fall out.</summary>
    public const int PartitionCapacityBytes = 5 * 1024 * 1024;

    /// <summary>What a partition holds, in record batches. A batch holds at least one record, so that many records always fit.</summary>
    public const int PartitionCapacityBatches = 100_000;

    /// <summary>In place of a broker id: all of them.</summary>
    public const int AllBrokers = -1;

    /// <summary>In place of a broker id in <see cref="SetLeader"/>: the partition has no leader.</summary>
    public const int NoLeader = -1;

    private const int MaxTopicNameLength = 249;

    private static readonly TimeSpan CommandPause = TimeSpan.FromMilliseconds(1);

    private readonly Lock _gate = new();
    private readonly int _brokers;
    private long _lastCommand;
    private GCHandle _log;
    private nint _client;
    private nint _cluster;

    private EmbeddedBroker(EmbeddedBrokerOptions options)
    {
        _brokers = options.Brokers;
        if (options.Log is not null)
            _log = GCHandle.Alloc(options.Log);
        try
        {
            _client = NewClient(_log.IsAllocated ? GCHandle.ToIntPtr(_log) : 0, options.Trace);
            _cluster = MockCluster.ClusterNew(_client, _brokers);
            if (_cluster == 0)
                throw new KafkaException(new Error(ErrorCode.Local_Fail, "the embedded broker could not be started: no socket on 127.0.0.1 or no thread was to be had."));
            unsafe
            {
                BootstrapServers = Marshal.PtrToStringUTF8((nint)MockCluster.Bootstraps(_cluster))!;
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The brokers' addresses, <c>127.0.0.1:port</c> with commas between, for <c>bootstrap.servers</c> in this process and others of the machine.</summary>
    public string BootstrapServers { get; } = "";

    /// <summary>Starts a cluster; it accepts connections when this returns.</summary>
    /// <param name="options">Brokers, topics and the log; <see langword="null"/> for one broker without topics.</param>
    /// <exception cref="KafkaLibraryMissingException">librdkafka is not there.</exception>
    /// <exception cref="ArgumentException">A topic's name or number of partitions, or the number of brokers, is not allowed.</exception>
    /// <exception cref="KafkaException">The cluster could not be started or a topic is named twice.</exception>
    public static EmbeddedBroker Start(EmbeddedBrokerOptions? options = null)
    {
        options ??= new EmbeddedBrokerOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Brokers, 1, nameof(options));
        NativeLibrdkafka.Load();
        EmbeddedBroker broker = new(options);
        try
        {
            foreach ((string name, int partitions) in options.Topics)
                broker.CreateTopic(name, partitions);
            return broker;
        }
        catch
        {
            broker.Dispose();
            throw;
        }
    }

    /// <summary>Creates a topic. Kafka's own admin request for this is not answered by the embedded broker.</summary>
    /// <param name="name">1 to 249 ASCII letters, digits, dots, dashes and underscores, as Kafka has it.</param>
    /// <param name="partitions">At least 1.</param>
    /// <exception cref="KafkaException">The topic exists.</exception>
    public void CreateTopic(string name, int partitions = 1)
    {
        ThrowIfNotATopicName(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        lock (_gate)
            Check(MockCluster.TopicCreate(Cluster, name, partitions, 1), $"topic {name} could not be created");
    }

    /// <summary>Makes a broker the leader of a partition, or leaves the partition without one. Creates the topic when it is not there.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition, from 0.</param>
    /// <param name="broker">A broker's id, or <see cref="NoLeader"/>.</param>
    public void SetLeader(string topic, int partition, int broker)
    {
        ThrowIfNotATopicName(topic);
        ThrowIfNoSuchBroker(broker);
        lock (_gate)
            Check(MockCluster.PartitionSetLeader(Cluster, topic, partition, broker), $"topic {topic} partition {partition}: leader {broker} could not be set");
    }

    /// <summary>Makes a broker the coordinator of a consumer group; by itself the group's name decides.</summary>
    /// <param name="group">The group's id.</param>
    /// <param name="broker">A broker's id.</param>
    public void SetGroupCoordinator(string group, int broker)
    {
        ArgumentException.ThrowIfNullOrEmpty(group);
        ArgumentOutOfRangeException.ThrowIfEqual(broker, AllBrokers);
        ThrowIfNoSuchBroker(broker);
        lock (_gate)
            Check(MockCluster.CoordinatorSet(Cluster, "group", group, broker), $"group {group}: coordinator {broker} could not be set");
    }

    /// <summary>Cuts a broker's connections and refuses new ones; what it holds stays, and no other broker becomes leader in its place.</summary>
    /// <param name="broker">A broker's id, or <see cref="AllBrokers"/>.</param>
    public void BrokerDown(int broker = AllBrokers)
    {
        ThrowIfNoSuchBroker(broker);
        lock (_gate)
            Check(MockCluster.BrokerSetDown(Cluster, broker), $"broker {broker} could not be taken down");
    }

    /// <summary>Lets a broker accept connections again, on the port it had.</summary>
    /// <param name="broker">A broker's id, or <see cref="AllBrokers"/>.</param>
    public void BrokerUp(int broker = AllBrokers)
    {
        ThrowIfNoSuchBroker(broker);
        lock (_gate)
            Check(MockCluster.BrokerSetUp(Cluster, broker), $"broker {broker} could not be brought up");
    }

    /// <summary>Delays each answer of a broker.</summary>
    /// <param name="time">From 0 (no delay) to an hour, in whole milliseconds.</param>
    /// <param name="broker">A broker's id, or <see cref="AllBrokers"/>.</param>
    public void SetRoundTripTime(TimeSpan time, int broker = AllBrokers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(time, TimeSpan.FromHours(1));
        ThrowIfNoSuchBroker(broker);
        lock (_gate)
            Check(MockCluster.BrokerSetRoundTripTime(Cluster, broker, (int)time.TotalMilliseconds), $"broker {broker}: the round-trip time could not be set");
    }

    /// <summary>
    /// Answers the next requests of a type, whoever sends them, with these errors, one request an error in this order; requests after that are served again.
    /// <see cref="ErrorCode.Local_Transport"/> cuts the connection instead of answering.
    /// </summary>
    public unsafe void FailNextRequests(KafkaRequest request, params ReadOnlySpan<ErrorCode> errors)
    {
        lock (_gate)
        {
            fixed (ErrorCode* first = errors)
                MockCluster.PushRequestErrors(Cluster, (short)request, (nuint)errors.Length, first);
        }
    }

    /// <summary>Forgets the errors of <see cref="FailNextRequests"/> that no request has met yet.</summary>
    public void ClearRequestErrors(KafkaRequest request)
    {
        lock (_gate)
            MockCluster.ClearRequestErrors(Cluster, (short)request);
    }

    /// <summary>
    /// Closes the ports and all connections and frees everything, records included, on a thread of its own: librdkafka takes up to a second for it, and no one needs to
    /// wait. Calls after the first do nothing.
    /// </summary>
    public void Dispose()
    {
        nint client, cluster;
        GCHandle log;
        lock (_gate)
        {
            (client, cluster, log) = (_client, _cluster, _log);
            (_client, _cluster, _log) = (0, 0, default);
        }
        if (client != 0)
            new Thread(() => Release(client, cluster, log)) { IsBackground = true, Name = "embedded broker: release" }.Start();
        else if (log.IsAllocated)
            log.Free();
    }

    private static void Release(nint client, nint cluster, GCHandle log)
    {
        if (cluster != 0)
            MockCluster.ClusterDestroy(cluster);
        MockCluster.Destroy(client);
        // Last: librdkafka's threads may log until they are gone.
        if (log.IsAllocated)
            log.Free();
    }

    /// <summary>The cluster, ready for the next command.</summary>
    private nint Cluster
    {
        get
        {
            ObjectDisposedException.ThrowIf(_cluster == 0, this);
            // The cluster's thread answers a command before it clears its wake-up: one that comes in between is not seen for a second.
            if (Stopwatch.GetElapsedTime(_lastCommand) < CommandPause)
                Thread.Sleep(CommandPause);
            return _cluster;
        }
    }

    /// <summary>The client handle that a mock cluster hangs on; it connects to nothing.</summary>
    private static unsafe nint NewClient(nint log, bool trace)
    {
        const int ErrorSize = 512;
        byte* error = stackalloc byte[ErrorSize];
        nint conf = MockCluster.ConfNew();
        MockCluster.ConfSetLogCallback(conf, &MockCluster.OnLog);
        MockCluster.ConfSetOpaque(conf, log);
        if (Set("client.id", "gpucrypt-embedded-broker") && (!trace || Set("debug", "mock"))
            && MockCluster.New(MockCluster.Producer, conf, error, ErrorSize) is var client and not 0)
            return client;
        MockCluster.ConfDestroy(conf);
        string reason = Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(error));
        throw new KafkaException(new Error(ErrorCode.Local_Fail, $"the embedded broker could not be started: {reason}"));

        bool Set(string name, string value) => MockCluster.ConfSet(conf, name, value, error, ErrorSize) == MockCluster.ConfOk;
    }

    private void Check(ErrorCode result, string what)
    {
        _lastCommand = Stopwatch.GetTimestamp();
        if (result != ErrorCode.NoError)
            throw new KafkaException(new Error(result, $"{what}: {new Error(result).Reason}"));
    }

    private void ThrowIfNoSuchBroker(int broker)
    {
        if (broker != AllBrokers && (broker < 1 || broker > _brokers))
            throw new ArgumentOutOfRangeException(nameof(broker), broker, $"no broker {broker}: the ids are 1 to {_brokers}.");
    }

    private static void ThrowIfNotATopicName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > MaxTopicNameLength || name is "." or ".." || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-')))
            throw new ArgumentException($"{name} is no topic name: expected 1 to {MaxTopicNameLength} ASCII letters, digits, dots, dashes and underscores.", nameof(name));
    }
}
