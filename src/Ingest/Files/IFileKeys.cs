using GpuCrypt.Ingest.Formats;
using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Ingest.Files;

/// <summary>What decides about the key of a row.</summary>
public readonly ref struct FileKeyRequest
{
    /// <summary>The id of the secret that the row is encrypted under; 0 for a row to be encrypted.</summary>
    public uint SecretId { get; init; }

    /// <summary>The tenant that the row names, UTF-8; empty when it names none.</summary>
    public ReadOnlySpan<byte> Tenant { get; init; }

    /// <summary>The derivation path that the row names, UTF-8; empty when it names none.</summary>
    public ReadOnlySpan<byte> DerivationPath { get; init; }
}

/// <summary>Finds the keys of a file's rows. Called by one thread at a time.</summary>
public interface IFileKeys
{
    /// <summary>Puts the key of a row into the batch's table.</summary>
    /// <param name="request">What the row says about its key.</param>
    /// <param name="batch">The batch that the row goes into.</param>
    /// <param name="keyIndex">The key's index in the batch's table.</param>
    /// <param name="rejection">Why there is no key.</param>
    /// <returns>False when the row is rejected.</returns>
    bool TryAdd(in FileKeyRequest request, VectorBatch batch, out int keyIndex, out Rejection rejection);
}
