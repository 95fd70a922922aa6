using GpuCrypt.Kernels.Batches;
using Microsoft.Extensions.Logging;

namespace GpuCrypt.Host.Service.Configuration;

/// <summary>
/// Every setting of <c>gpucrypt serve</c>: name, values, default, meaning. The one place: the reader, the environment, the help, the
/// documentation and <c>--print-config</c> all follow this table, and the defaults are those of <see cref="ServiceSettings"/> itself.
/// </summary>
internal static class ServiceSettingsTable
{
    private const int KiB = 1 << 10;
    private const int MiB = 1 << 20;
    private const int GiB = 1 << 30;

    /// <summary>About what a row takes beside its elements: its columns in the batch, its record, its part of the keys and ids.</summary>
    public const long RowBytes = 320;

    /// <summary>The memory of all batches, in words.</summary>
    public const string BatchMemory = "batch.count × (2 × batch.bytes + 4 × batch.maxMessageBytes + 320 B × batch.rows)";

    private static readonly KafkaSettings Kafka = new() { BootstrapServers = "" };
    private static readonly TopicSettings Topic = new() { Source = "", Sink = "" };
    private static readonly KeyringSettings Keyring = new() { File = "" };

    private static readonly SettingGroup<KafkaSettings> KafkaGroup = Group(
        Kafka,
        Required("bootstrapServers", new TextType(TextRule.Servers), (KafkaSettings s) => s.BootstrapServers, (s, v) => s with { BootstrapServers = v }, Kafka,
            "The brokers to ask first for the others. With --embedded-broker it is not used.", SettingNeed.UnlessEmbedded),
        Optional("groupId", new TextType(TextRule.Line), (KafkaSettings s) => s.GroupId, (s, v) => s with { GroupId = v }, Kafka,
            "The consumer group. Services of one group share the partitions and each other's committed offsets; another group starts anew."),
        Optional("startFrom", new ChoiceType<string>(("earliest", "earliest"), ("latest", "latest")), (KafkaSettings s) => s.StartFrom, (s, v) => s with { StartFrom = v }, Kafka,
            "Where to start in a partition for which the group has committed no offset: at its first record, or behind its last."),
        Optional("commitInterval", new TimeType(Milliseconds(10), TimeSpan.FromHours(1)), (KafkaSettings s) => s.CommitInterval, (s, v) => s with { CommitInterval = v }, Kafka,
            "How often the offsets of records that the sink has acknowledged are committed. After a crash, up to this much is encrypted again."),
        Optional("properties", new PropertiesType(), (KafkaSettings s) => s.Properties, (s, v) => s with { Properties = v }, Kafka,
            "Properties of librdkafka for the consumer and the producer, such as security.protocol or sasl.password. Those that delivery depends on are the service's own and are refused here."),
        Optional("consumerProperties", new PropertiesType(), (KafkaSettings s) => s.ConsumerProperties, (s, v) => s with { ConsumerProperties = v }, Kafka,
            "Properties of the consumer alone, such as fetch.min.bytes. They override kafka.properties."),
        Optional("producerProperties", new PropertiesType(), (KafkaSettings s) => s.ProducerProperties, (s, v) => s with { ProducerProperties = v }, Kafka,
            "Properties of the producer alone, such as compression.type or linger.ms. They override kafka.properties."));

    private static readonly SettingGroup<TopicSettings> TopicGroup = Group(
        Topic,
        Required("source", new TextType(TextRule.Topic), (TopicSettings s) => s.Source, (s, v) => s with { Source = v }, Topic,
            "The topic with the plaintexts. No other entry may read it, and nothing may write to it here."),
        Required("sink", new TextType(TextRule.Topic), (TopicSettings s) => s.Sink, (s, v) => s with { Sink = v }, Topic,
            "The topic that takes the ciphertexts."),
        Optional("deadLetter", new OptionalTextType(TextRule.Topic, "the source's name and -dead-letter"), (TopicSettings s) => s.DeadLetter, (s, v) => s with { DeadLetter = v }, Topic,
            "The topic that takes the records that cannot be encrypted, as they came, with headers that say why. Whoever may read it sees plaintexts."),
        Optional("format", new ChoiceType<string>(("raw", "raw"), ("npy", "npy"), ("json", "json")), (TopicSettings s) => s.Format, (s, v) => s with { Format = v }, Topic,
            "The format of records that have no content-type header: raw little-endian float32, a .npy array, or a JSON object."),
        Optional("dimension", new WholeNumberType(0, 1 << 24), (TopicSettings s) => s.Dimension, (s, v) => s with { Dimension = v }, Topic,
            "The number of elements that every vector must have; others are rejected. 0 takes vectors of any dimension."),
        Optional("secretPath", new TextType(TextRule.Line), (TopicSettings s) => s.SecretPath, (s, v) => s with { SecretPath = v }, Topic,
            "The secret path of the keyring whose current secret encrypts."),
        Optional("defaultTenant", new OptionalTextType(TextRule.Line), (TopicSettings s) => s.DefaultTenant, (s, v) => s with { DefaultTenant = v }, Topic,
            "The tenant of records that name none. Without it such records are rejected."),
        Optional("defaultDerivationPath", new OptionalTextType(TextRule.Line), (TopicSettings s) => s.DefaultDerivationPath, (s, v) => s with { DefaultDerivationPath = v }, Topic,
            "The derivation path of records that name none. Without it such records are rejected."),
        Optional("allowedTenants", new TextListType(), (TopicSettings s) => s.AllowedTenants, (s, v) => s with { AllowedTenants = v }, Topic,
            "The tenants that records may name; records of others are rejected. An empty list allows any."));

    private static readonly SettingGroup<KeyringSettings> KeyringGroup = Group(
        Keyring,
        Required("file", new TextType(TextRule.File), (KeyringSettings s) => s.File, (s, v) => s with { File = v }, Keyring,
            "The keyring, made by 'gpucrypt keys new'. Paths here and below start at the working directory. Where it is not given, the variable GPUCRYPT_KEYRING names it."),
        Optional("passphraseEnv", new OptionalTextType(TextRule.SecretVariable), (KeyringSettings s) => s.PassphraseEnv, (s, v) => s with { PassphraseEnv = v }, Keyring,
            "The environment variable with the passphrase of a sealed keyring. At most one of this and the following four may be set."),
        Optional("passphraseFile", new OptionalTextType(TextRule.SecretFile), (KeyringSettings s) => s.PassphraseFile, (s, v) => s with { PassphraseFile = v }, Keyring,
            "The file with the passphrase of a sealed keyring in its first line."),
        Optional("kekEnv", new OptionalTextType(TextRule.SecretVariable), (KeyringSettings s) => s.KekEnv, (s, v) => s with { KekEnv = v }, Keyring,
            "The environment variable with the key-encryption key of a sealed keyring."),
        Optional("kekFile", new OptionalTextType(TextRule.SecretFile), (KeyringSettings s) => s.KekFile, (s, v) => s with { KekFile = v }, Keyring,
            "The file with the key-encryption key of a sealed keyring."),
        Optional("kekCommand", new OptionalTextType(TextRule.Command), (KeyringSettings s) => s.KekCommand, (s, v) => s with { KekCommand = v }, Keyring,
            "The command, run by /bin/sh, whose output is the key-encryption key of a sealed keyring. It is never printed."));

    private static readonly BatchSettings Batch = new();

    private static readonly SettingGroup<BatchSettings> BatchGroup = Group(
        Batch,
        Optional("count", new WholeNumberType(3, 256), (BatchSettings s) => s.Count, (s, v) => s with { Count = v }, Batch,
            "How many batches go round: while one is filled, another is with the device, another with the sink. When none is free the source is paused."),
        Optional("rows", new WholeNumberType(1, 1 << 20), (BatchSettings s) => s.Rows, (s, v) => s with { Rows = v }, Batch,
            "The most vectors of a batch."),
        Optional("bytes", new SizeType(64 * KiB, GiB), (BatchSettings s) => s.Bytes, (s, v) => s with { Bytes = v }, Batch,
            "The size of a batch's plaintexts as float32; its ciphertexts take as much again. At least twice batch.maxMessageBytes."),
        Optional("linger", new TimeType(TimeSpan.Zero, TimeSpan.FromMinutes(1)), (BatchSettings s) => s.Linger, (s, v) => s with { Linger = v }, Batch,
            "How long a batch that is not full waits for more records before it leaves. More gives a slow stream fuller batches, less a lower latency."),
        Optional("maxMessageBytes", new SizeType(KiB, 64 * MiB), (BatchSettings s) => s.MaxMessageBytes, (s, v) => s with { MaxMessageBytes = v }, Batch,
            "The largest message; larger ones are rejected."));

    private static readonly HeaderSettings Headers = new();

    private static readonly SettingGroup<HeaderSettings> HeaderGroup = Group(
        Headers,
        Optional("metadata", new TextType(TextRule.Line), (HeaderSettings s) => s.Metadata, (s, v) => s with { Metadata = v }, Headers,
            "The header that takes the metadata of raw and npy records, 54 bytes a vector."),
        Optional("tenant", new TextType(TextRule.Line), (HeaderSettings s) => s.Tenant, (s, v) => s with { Tenant = v }, Headers,
            "The header that names the tenant."),
        Optional("derivationPath", new TextType(TextRule.Line), (HeaderSettings s) => s.DerivationPath, (s, v) => s with { DerivationPath = v }, Headers,
            "The header that names the derivation path."),
        Optional("id", new TextType(TextRule.Line), (HeaderSettings s) => s.Id, (s, v) => s with { Id = v }, Headers,
            "The header that names the record. Synthetic IVs depend on it."),
        Optional("contentType", new TextType(TextRule.Line), (HeaderSettings s) => s.ContentType, (s, v) => s with { ContentType = v }, Headers,
            "The header that names the record's format, by its media type or as topics[].format does. It overrides topics[].format."));

    private static readonly JsonFieldSettings Json = new();

    private static readonly SettingGroup<JsonFieldSettings> JsonGroup = Group(
        Json,
        Optional("id", new TextType(TextRule.Line), (JsonFieldSettings s) => s.Id, (s, v) => s with { Id = v }, Json,
            "The field that names the record."),
        Optional("vector", new TextType(TextRule.Line), (JsonFieldSettings s) => s.Vector, (s, v) => s with { Vector = v }, Json,
            "The field with the vector, an array of numbers."),
        Optional("metadata", new TextType(TextRule.Line), (JsonFieldSettings s) => s.Metadata, (s, v) => s with { Metadata = v }, Json,
            "The field that takes the metadata, in base64."),
        Optional("tenant", new OptionalTextType(TextRule.Line), (JsonFieldSettings s) => s.Tenant, (s, v) => s with { Tenant = v }, Json,
            "The field that names the tenant. Without it only the header is looked at."),
        Optional("derivationPath", new OptionalTextType(TextRule.Line), (JsonFieldSettings s) => s.DerivationPath, (s, v) => s with { DerivationPath = v }, Json,
            "The field that names the derivation path. Without it only the header is looked at."));

    private static readonly LatencySettings Latency = new();

    private static readonly SettingGroup<LatencySettings> LatencyGroup = Group(
        Latency,
        Optional("file", new OptionalTextType(TextRule.File), (LatencySettings s) => s.File, (s, v) => s with { File = v }, Latency,
            "The file for latency histograms by stage, in HdrHistogram's .hlog form. Without it none is written."),
        Optional("interval", new TimeType(Milliseconds(10), TimeSpan.FromDays(1)), (LatencySettings s) => s.Interval, (s, v) => s with { Interval = v }, Latency,
            "The time that each histogram of the file covers."));

    private static readonly LogSettings Log = new();

    private static readonly ChoiceType<LogLevel> LogLevels = new(
        ("trace", LogLevel.Trace), ("debug", LogLevel.Debug), ("information", LogLevel.Information), ("warning", LogLevel.Warning), ("error", LogLevel.Error));

    private static readonly SettingGroup<LogSettings> LogGroup = Group(
        Log,
        Optional("level", LogLevels, (LogSettings s) => s.Level, (s, v) => s with { Level = v }, Log,
            "The least severe messages that are logged."),
        Optional("json", new FlagType(), (LogSettings s) => s.Json, (s, v) => s with { Json = v }, Log,
            "Whether each message is a JSON object on one line, instead of text."));

    private static readonly ServiceSettings Service = new() { Kafka = Kafka, Topics = [], Keyring = Keyring };

    /// <summary>All settings.</summary>
    public static SettingGroup<ServiceSettings> Root { get; } = Group(
        Service,
        new Section<ServiceSettings, KafkaSettings>("kafka", KafkaGroup, s => s.Kafka, (s, v) => s with { Kafka = v }, "The cluster and the clients."),
        new SectionList<ServiceSettings, TopicSettings>("topics", TopicGroup, s => s.Topics, (s, v) => s with { Topics = v },
            "The topics that are encrypted: one entry a source topic."),
        new Section<ServiceSettings, KeyringSettings>("keyring", KeyringGroup, s => s.Keyring, (s, v) => s with { Keyring = v }, "The keys, and how their file is opened."),
        Optional("device", new TextType(TextRule.Line), (ServiceSettings s) => s.Device, (s, v) => s with { Device = v }, Service,
            "What encrypts: auto for the fastest device that is there, or a name that 'gpucrypt devices' lists."),
        Optional("threads", new WholeNumberType(0, 1024), (ServiceSettings s) => s.Threads, (s, v) => s with { Threads = v }, Service,
            "The worker threads of a CPU device; 0 for one a core."),
        Optional("iv", new ChoiceType<IvSource>(("synthetic", IvSource.Synthetic), ("random", IvSource.Random)), (ServiceSettings s) => s.Iv, (s, v) => s with { Iv = v }, Service,
            "Where IVs come from. With synthetic ones a record that is delivered again gives the same ciphertext, so that repeats cannot be averaged; random ones differ each time."),
        Optional("drainTimeout", new TimeType(TimeSpan.Zero, TimeSpan.FromHours(1)), (ServiceSettings s) => s.DrainTimeout, (s, v) => s with { DrainTimeout = v }, Service,
            "How long the service may take, after SIGTERM or Ctrl+C, to deliver and commit what it has consumed. What is left then is read again at the next start."),
        new Section<ServiceSettings, BatchSettings>("batch", BatchGroup, s => s.Batch, (s, v) => s with { Batch = v },
            $"The ring of batches between source and sink. It bounds what is on its way, and the memory: about {BatchMemory}."),
        new Section<ServiceSettings, HeaderSettings>("headers", HeaderGroup, s => s.Headers, (s, v) => s with { Headers = v }, "Names of record headers, all different."),
        new Section<ServiceSettings, JsonFieldSettings>("json", JsonGroup, s => s.Json, (s, v) => s with { Json = v }, "Names of the fields of JSON records, all different."),
        new Section<ServiceSettings, LatencySettings>("latency", LatencyGroup, s => s.Latency, (s, v) => s with { Latency = v }, "Measured latencies."),
        new Section<ServiceSettings, LogSettings>("log", LogGroup, s => s.Log, (s, v) => s with { Log = v }, "What is logged, to standard error."));

    /// <summary>Every setting that is no section, with its path; <c>[]</c> stands for an index: <c>topics[].format</c>.</summary>
    public static IReadOnlyList<(string Path, Setting Setting)> Leaves { get; } = [.. Flatten("", Root.Settings)];

    private static IEnumerable<(string Path, Setting Setting)> Flatten(string path, IEnumerable<Setting> settings)
    {
        foreach (Setting setting in settings)
        {
            string own = SettingsReading.Join(path, setting.Name);
            if (setting.Children.Count == 0)
                yield return (own, setting);
            foreach ((string, Setting) child in Flatten(setting.Shape == SettingShape.Sections ? own + "[]" : own, setting.Children))
                yield return child;
        }
    }

    private static SettingGroup<T> Group<T>(T pristine, params Setting<T>[] settings) => new(pristine, settings);

    private static Setting<TOwner, TValue> Optional<TOwner, TValue>(
        string name, SettingType<TValue> type, Func<TOwner, TValue> get, Func<TOwner, TValue, TOwner> set, TOwner pristine, string meaning) =>
        new(name, type, get, set, pristine, SettingNeed.None, meaning);

    private static Setting<TOwner, TValue> Required<TOwner, TValue>(
        string name, SettingType<TValue> type, Func<TOwner, TValue> get, Func<TOwner, TValue, TOwner> set, TOwner pristine, string meaning, SettingNeed need = SettingNeed.Always) =>
        new(name, type, get, set, pristine, need, meaning);

    private static TimeSpan Milliseconds(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
