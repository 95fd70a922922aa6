using System.Text;
using Confluent.Kafka;
using GpuCrypt.Host.Keyrings;
using GpuCrypt.Host.Pipeline;
using GpuCrypt.Host.Telemetry;
using GpuCrypt.Ingest.Formats;
using GpuCrypt.Ingest.Kafka;
using GpuCrypt.Ingest.Kafka.Embedded;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;
using Microsoft.Extensions.Logging;

namespace GpuCrypt.Host.Service;

/// <summary>
/// The streaming service: what <c>gpucrypt serve</c> runs, from settings to a running pipeline and back to a committed stop. One use:
/// create, run, dispose.
/// </summary>
internal sealed class StreamingService : IDisposable
{
    private const int EmbeddedPartitions = 4;

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(10);

    private readonly ServiceSettings _settings;
    private readonly ILogger _logger;
    private readonly Keyring _keyring;
    private readonly KeyUsage _usage;
    private readonly KeyCache _keys;
    private readonly IVectorDevice _device;
    private readonly StreamingPipeline _pipeline;
    private readonly StageLatencyLog? _latencyLog;
    private long _lastRecords;
    private long _lastProgress = Environment.TickCount64;

    /// <summary>Opens keyring and device and creates the clients; nothing is consumed yet.</summary>
    /// <exception cref="CommandFailedException">A setting names something that is not there.</exception>
    /// <exception cref="KeyringException">The keyring cannot be used.</exception>
    /// <exception cref="DeviceException">The device is not there, or fails its self-test.</exception>
    public StreamingService(ServiceSettings settings, ILogger logger)
    {
        _settings = settings;
        _logger = logger;
        try
        {
            _keyring = Keyring.Load(settings.Keyring.File, Unseal(settings.Keyring));
            _usage = KeyUsage.Open(KeyUsage.FileOf(settings.Keyring.File));
            _keys = new KeyCache(_usage, settings.Iv);
            _device = DeviceOpener.Open(settings.Device, settings.Threads);
            _pipeline = CreatePipeline(PipelineOptions());
            if (settings.Latency.File is { } file)
                _latencyLog = new StageLatencyLog(Latencies, file, settings.Latency.Interval, e => logger.LatencyLogFailed(e.Message));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The stages' latencies since the start.</summary>
    public StageLatencies Latencies { get; } = new();

    /// <summary>What was done since the start.</summary>
    public PipelineCounters Counters { get; } = new();

    /// <summary>The device in use.</summary>
    public DeviceDescription Device => _device.Description;

    /// <summary>Runs the service until it is cancelled.</summary>
    /// <returns>The program's exit code.</returns>
    public static async Task<int> RunAsync(ServiceSettings settings, bool embeddedBroker, CancellationToken cancellation)
    {
        using ILoggerFactory loggers = CreateLoggers(settings.Log);
        ILogger logger = loggers.CreateLogger("gpucrypt");
        NativeLibrdkafka.Load();
        using EmbeddedBroker? broker = embeddedBroker ? StartBroker(settings) : null;
        if (broker is not null)
        {
            logger.EmbeddedBroker(broker.BootstrapServers);
            settings = settings with { Kafka = AtEmbeddedBroker(settings.Kafka, broker.BootstrapServers) };
        }

        using CancellationTokenRegistration stopping = cancellation.Register(() => logger.Stopping(settings.DrainTimeout));
        using var service = new StreamingService(settings, logger);
        // Consuming blocks its thread for the service's whole life.
        bool clean = await Task.Factory.StartNew(
            () => service.Run(cancellation), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        return clean ? ExitCodes.Done : ExitCodes.Failed;
    }

    /// <summary>Waits until the running service has partitions to consume for the first time.</summary>
    /// <returns>False when it got none in time.</returns>
    public bool WaitUntilAssigned(TimeSpan timeout, CancellationToken cancellation) => _pipeline.WaitUntilAssigned(timeout, cancellation);

    /// <summary>Consumes, encrypts and produces until told to stop, then finishes what was consumed.</summary>
    /// <returns>True when everything that was consumed is delivered and committed.</returns>
    /// <exception cref="KafkaException">A client cannot go on.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public bool Run(CancellationToken stop)
    {
        LogStart();
        using var timer = new Timer(_ => LogProgress(), null, ProgressInterval, ProgressInterval);
        bool clean;
        try
        {
            clean = _pipeline.Run(_settings.DrainTimeout, stop);
        }
        catch (KafkaException e)
        {
            throw new CommandFailedException($"kafka: {e.Error.Reason} ({e.Error.Code}): check kafka.bootstrapServers and the properties of the clients", ExitCodes.Failed, e);
        }

        if (clean)
            _logger.Stopped(Counters.RecordsIn, Counters.RecordsOut, Counters.Rejected);
        return clean;
    }

    public void Dispose()
    {
        _pipeline?.Dispose();
        _latencyLog?.Dispose();
        _device?.Dispose();
        _keys?.Dispose();
        _usage?.Dispose();
        _keyring?.Dispose();
    }

    private static ILoggerFactory CreateLoggers(LogSettings settings) => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(settings.Level);
        // Standard output belongs to results; a service has none, and logs go where errors go.
        builder.AddConsole(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        if (settings.Json)
        {
            builder.AddJsonConsole(options =>
            {
                options.UseUtcTimestamp = true;
                options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            });
        }
        else
        {
            builder.AddSimpleConsole(options =>
            {
                options.SingleLine = true;
                options.UseUtcTimestamp = true;
                options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            });
        }
    });

    private static EmbeddedBroker StartBroker(ServiceSettings settings)
    {
        var options = new EmbeddedBrokerOptions();
        foreach (string topic in settings.Topics.SelectMany(t => new[] { t.Source, t.Sink, DeadLetterOf(t) }).Distinct())
            options.Topics.Add((topic, EmbeddedPartitions));
        return EmbeddedBroker.Start(options);
    }

    /// <summary>An idle fetch at the embedded broker is not woken by new records: fetches there are short unless told otherwise.</summary>
    private static KafkaSettings AtEmbeddedBroker(KafkaSettings settings, string bootstrapServers) => settings with
    {
        BootstrapServers = bootstrapServers,
        ConsumerProperties = new Dictionary<string, string>(settings.ConsumerProperties.Append(KeyValuePair.Create("fetch.wait.max.ms", "10")).DistinctBy(p => p.Key)),
    };

    private static string DeadLetterOf(TopicSettings topic) => topic.DeadLetter ?? topic.Source + "-dead-letter";

    private static UnsealSource? Unseal(KeyringSettings settings) => settings switch
    {
        { PassphraseEnv: { } variable } => UnsealSource.PassphraseFromEnvironment(variable),
        { PassphraseFile: { } file } => UnsealSource.PassphraseFromFile(file),
        { KekEnv: { } variable } => UnsealSource.KeyFromEnvironment(variable),
        { KekFile: { } file } => UnsealSource.KeyFromFile(file),
        { KekCommand: { } command } => UnsealSource.KeyFromCommand(command),
        _ => null,
    };

    private StreamingPipeline CreatePipeline(StreamingPipelineOptions options)
    {
        try
        {
            return new StreamingPipeline(options, _device, Latencies, Counters, _logger);
        }
        catch (Exception e) when (e is KafkaException or InvalidOperationException or ArgumentException)
        {
            // Each property is one that the client knows; together they are not what it can run with.
            throw CommandFailedException.Usage($"kafka: the client refuses its properties: {e.Message}", e);
        }
    }

    private StreamingPipelineOptions PipelineOptions()
    {
        BatchSettings batch = _settings.Batch;
        // Raw and npy messages of half-precision elements double; json is bounded by its own check.
        int maxSinkMessage = checked((2 * batch.MaxMessageBytes) + 65536);
        return new StreamingPipelineOptions
        {
            Consumer = KafkaClients.Consumer(_settings.Kafka),
            Producer = KafkaClients.Producer(_settings.Kafka, maxSinkMessage, batch.Count * batch.Rows),
            Routes = [.. _settings.Topics.Select(Route)],
            Headers = new RecordHeaderNames
            {
                Metadata = _settings.Headers.Metadata,
                Tenant = _settings.Headers.Tenant,
                DerivationPath = _settings.Headers.DerivationPath,
                Id = _settings.Headers.Id,
                ContentType = _settings.Headers.ContentType,
            },
            Source = new KafkaSourceOptions
            {
                Linger = batch.Linger,
                MaxMessageBytes = batch.MaxMessageBytes,
                MaxSinkMessageBytes = maxSinkMessage,
            },
            Batches = batch.Count,
            BatchRows = batch.Rows,
            BatchBytes = batch.Bytes,
            Ivs = _settings.Iv,
        };
    }

    private KafkaRoute Route(TopicSettings topic, int index)
    {
        if (!_keyring.TryPath(topic.SecretPath, out SecretPath? path))
        {
            throw CommandFailedException.Usage(
                $"topics[{index}].secretPath: keyring {_settings.Keyring.File} has no secret path \"{topic.SecretPath}\", it has {string.Join(", ", _keyring.Paths.Select(p => p.Name))}");
        }

        var formats = new RecordFormatSet(
            new RawFormat(topic.Dimension),
            new NpyFormat(topic.Dimension),
            new JsonFormat(new JsonFormatOptions
            {
                IdField = _settings.Json.Id,
                VectorField = _settings.Json.Vector,
                MetadataField = _settings.Json.Metadata,
                TenantField = _settings.Json.Tenant,
                DerivationPathField = _settings.Json.DerivationPath,
                Dimension = topic.Dimension,
            }));
        return new KafkaRoute(
            topic.Source, topic.Sink, DeadLetterOf(topic), formats, formats.ByName(topic.Format)!, new RouteKeys(_keys, path, topic.AllowedTenants))
        {
            DefaultTenant = Utf8(topic.DefaultTenant),
            DefaultDerivationPath = Utf8(topic.DefaultDerivationPath),
        };

        static byte[]? Utf8(string? text) => string.IsNullOrEmpty(text) ? null : Encoding.UTF8.GetBytes(text);
    }

    private void LogStart()
    {
        if (_logger.IsEnabled(LogLevel.Information))
        {
            _logger.Starting(
                typeof(StreamingService).Assembly.GetName().Version?.ToString(3) ?? "", Device.Name, Device.Hardware, Device.Detail, Device.Units, NativeLibrdkafka.Version, _keyring.File);
            foreach (TopicSettings topic in _settings.Topics)
                _logger.Route(topic.Source, topic.Sink, topic.Format, DeadLetterOf(topic), topic.SecretPath);
        }

        if (!BatchMemory.PageLocked.Locked)
            _logger.NotLocked((long)_settings.Batch.Count * 3 * _settings.Batch.Bytes >> 20);
    }

    private void LogProgress()
    {
        long records = Counters.RecordsOut, now = Environment.TickCount64;
        if (records != _lastRecords && _logger.IsEnabled(LogLevel.Information))
        {
            _logger.Progress(
                Counters.RecordsIn, records, (records - _lastRecords) * 1000.0 / Math.Max(1, now - _lastProgress), Counters.Rejected, _pipeline.OccupiedBatches, _settings.Batch.Count);
        }

        _lastRecords = records;
        _lastProgress = now;
        foreach (KeyUsageWarning warning in _usage.TakeWarnings())
            _logger.KeyUse(warning.ToString());
        try
        {
            _usage.Flush();
        }
        catch (KeyringException e)
        {
            // Nobody catches what a timer throws. What cannot be counted is not encrypted: the stream ends there if it must.
            _logger.KeyUse(e.Message);
        }
    }
}
