namespace GpuCrypt.Ingest.Kafka;

/// <summary>The names of the headers that records carry to and fro. Immutable.</summary>
public sealed record RecordHeaderNames
{
    /// <summary>Written: n × 54 bytes of metadata for n vectors, where the format does not hold it inside.</summary>
    public string Metadata { get; init; } = "paired_icl_info";

    /// <summary>Read: the tenant, UTF-8.</summary>
    public string Tenant { get; init; } = "tenant";

    /// <summary>Read: the derivation path, UTF-8.</summary>
    public string DerivationPath { get; init; } = "derivation-path";

    /// <summary>Read: the record's id.</summary>
    public string Id { get; init; } = "id";

    /// <summary>Read: the format, as a content type or a format's name.</summary>
    public string ContentType { get; init; } = "content-type";
}
