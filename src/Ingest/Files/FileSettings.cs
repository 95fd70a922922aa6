using GpuCrypt.Ingest.Formats;
using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Ingest.Files;

/// <summary>What is done to a file.</summary>
public sealed record FileSettings
{
    /// <summary>Encrypt, decrypt, or encrypt one-way.</summary>
    public BatchOperation Operation { get; init; }

    /// <summary>The field names of JSON lines, and their limits.</summary>
    public JsonFormatOptions Json { get; init; } = new();

    /// <summary>Whether files of the output's names are replaced.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Whether there is metadata to read.</summary>
    internal bool ReadsMetadata => Operation is BatchOperation.Decrypt or BatchOperation.Rotate;

    /// <summary>Whether there is metadata to write.</summary>
    internal bool WritesMetadata => Operation is BatchOperation.Encrypt or BatchOperation.Rotate;

    /// <summary>Whether the output holds plaintext.</summary>
    internal bool WritesPlaintext => Operation == BatchOperation.Decrypt;
}
