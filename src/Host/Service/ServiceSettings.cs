namespace GpuCrypt.Host.Service;

/// <summary>Everything that the streaming service can be told. Immutable; made and checked by the settings reader before anything starts.</summary>
internal sealed record ServiceSettings
{
    public required KafkaSettings Kafka { get; init; }

    /// <summary>At least one.</summary>
    public required IReadOnlyList<TopicSettings> Topics { get; init; }

    public required KeyringSettings Keyring { get; init; }

    /// <summary><c>auto</c> or a device's name.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Worker threads of a CPU device; 0 for one a core.</summary>
    public int Threads { get; init; }

    /// <summary><c>synthetic</c> or <c>random</c>.</summary>
    public Kernels.Batches.IvSource Iv { get; init; } = Kernels.Batches.IvSource.Synthetic;

    public BatchSettings Batch { get; init; } = new();

    public HeaderSettings Headers { get; init; } = new();

    public JsonFieldSettings Json { get; init; } = new();

    public LatencySettings Latency { get; init; } = new();

    public LogSettings Log { get; init; } = new();

    /// <summary>How long the service may take to finish what it has consumed after SIGTERM.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(20);
}

/// <summary>The cluster and the clients.</summary>
internal sealed record KafkaSettings
{
    /// <summary>The brokers' addresses; empty where the broker runs in the process and the settings name none.</summary>
    public required string BootstrapServers { get; init; }

    public string GroupId { get; init; } = "gpucrypt";

    /// <summary>Where a group without committed offsets starts: <c>earliest</c> or <c>latest</c>.</summary>
    public string StartFrom { get; init; } = "earliest";

    public TimeSpan CommitInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Further librdkafka properties of both clients, of the consumer, and of the producer.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> ConsumerProperties { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> ProducerProperties { get; init; } = new Dictionary<string, string>();
}

/// <summary>One source topic and where its records go.</summary>
internal sealed record TopicSettings
{
    public required string Source { get; init; }

    public required string Sink { get; init; }

    /// <summary>The dead-letter topic; <c>{source}-dead-letter</c> when not set.</summary>
    public string? DeadLetter { get; init; }

    /// <summary><c>raw</c>, <c>npy</c> or <c>json</c>: the format of records without a content-type header.</summary>
    public string Format { get; init; } = "raw";

    /// <summary>The dimension that every vector must have; 0 for any.</summary>
    public int Dimension { get; init; }

    /// <summary>The name of the keyring's secret path.</summary>
    public string SecretPath { get; init; } = "default";

    /// <summary>The tenant of records that name none; such records are rejected when this is not set.</summary>
    public string? DefaultTenant { get; init; }

    /// <summary>The derivation path of records that name none; such records are rejected when this is not set.</summary>
    public string? DefaultDerivationPath { get; init; }

    /// <summary>The tenants that records may name; empty for any.</summary>
    public IReadOnlyList<string> AllowedTenants { get; init; } = [];
}

/// <summary>The keyring and how it is opened.</summary>
internal sealed record KeyringSettings
{
    public required string File { get; init; }

    public string? PassphraseEnv { get; init; }

    public string? PassphraseFile { get; init; }

    public string? KekEnv { get; init; }

    public string? KekFile { get; init; }

    public string? KekCommand { get; init; }
}

/// <summary>The ring of batches: the memory bound and the back-pressure.</summary>
internal sealed record BatchSettings
{
    /// <summary>How many batches there are, at least 3: one is filled, one waits, the others are with the device and the sink.</summary>
    public int Count { get; init; } = 4;

    /// <summary>The most rows of a batch.</summary>
    public int Rows { get; init; } = 8192;

    /// <summary>The float32 bytes of a batch's plaintexts (the ciphertexts take as much again).</summary>
    public int Bytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>How long a batch that is not full waits for more.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The largest message; larger ones are rejected.</summary>
    public int MaxMessageBytes { get; init; } = 1024 * 1024;
}

/// <summary>Names of record headers.</summary>
internal sealed record HeaderSettings
{
    public string Metadata { get; init; } = "paired_icl_info";

    public string Tenant { get; init; } = "tenant";

    public string DerivationPath { get; init; } = "derivation-path";

    public string Id { get; init; } = "id";

    public string ContentType { get; init; } = "content-type";
}

/// <summary>Names of json fields.</summary>
internal sealed record JsonFieldSettings
{
    public string Id { get; init; } = "id";

    public string Vector { get; init; } = "vector";

    public string Metadata { get; init; } = "paired_icl_info";

    /// <summary>The field with the tenant; not looked for when null.</summary>
    public string? Tenant { get; init; }

    /// <summary>The field with the derivation path; not looked for when null.</summary>
    public string? DerivationPath { get; init; }
}

/// <summary>Where latency histograms go.</summary>
internal sealed record LatencySettings
{
    /// <summary>The .hlog file; none is written when null.</summary>
    public string? File { get; init; }

    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>What is logged and how.</summary>
internal sealed record LogSettings
{
    /// <summary>trace, debug, information, warning, error.</summary>
    public Microsoft.Extensions.Logging.LogLevel Level { get; init; } = Microsoft.Extensions.Logging.LogLevel.Information;

    /// <summary>One JSON object a line instead of text.</summary>
    public bool Json { get; init; }
}
