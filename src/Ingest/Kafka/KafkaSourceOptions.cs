namespace GpuCrypt.Ingest.Kafka;

/// <summary>How a <see cref="KafkaSource"/> fills batches.</summary>
public sealed record KafkaSourceOptions
{
    /// <summary>How long a batch that is not full waits for more.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The largest value that is processed; larger ones are rejected.</summary>
    public int MaxMessageBytes { get; init; } = 1024 * 1024;

    /// <summary>The largest message that the sink takes, key, value and headers; records whose result is larger are rejected.</summary>
    public int MaxSinkMessageBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>How long a revoked partition may take to finish what was consumed of it.</summary>
    public TimeSpan RevocationTimeout { get; init; } = TimeSpan.FromSeconds(15);
}
