using System.Text;
using GpuCrypt.Host.Keyrings;
using GpuCrypt.Ingest.Files;
using GpuCrypt.Ingest.Formats;
using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Host.Pipeline;

/// <summary>The keys of a file's rows: one secret path, and the tenant and derivation path that the row names or, where it names none, the given ones.</summary>
internal sealed class FileKeys : IFileKeys
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly KeyCache _cache;
    private readonly SecretPath _path;
    private readonly byte[]? _tenant;
    private readonly byte[]? _derivationPath;

    /// <summary>Creates the keys of one run.</summary>
    /// <param name="cache">Where keys are derived and counted.</param>
    /// <param name="path">The secret path.</param>
    /// <param name="tenant">The tenant of rows that name none; such rows are rejected when null.</param>
    /// <param name="derivationPath">The derivation path of rows that name none; such rows are rejected when null.</param>
    /// <exception cref="CommandFailedException">A text is not valid Unicode.</exception>
    public FileKeys(KeyCache cache, SecretPath path, string? tenant, string? derivationPath)
    {
        _cache = cache;
        _path = path;
        _tenant = Encode(tenant);
        _derivationPath = Encode(derivationPath);
    }

    /// <inheritdoc />
    public bool TryAdd(in FileKeyRequest request, VectorBatch batch, out int keyIndex, out Rejection rejection)
    {
        keyIndex = -1;
        // An empty name is no name, as in the streaming service.
        ReadOnlySpan<byte> tenant = request.Tenant.IsEmpty ? _tenant : request.Tenant;
        ReadOnlySpan<byte> derivationPath = request.DerivationPath.IsEmpty ? _derivationPath : request.DerivationPath;
        if (tenant.IsEmpty || derivationPath.IsEmpty)
        {
            rejection = new Rejection(RejectReason.UnknownTenant, tenant.IsEmpty
                ? "the record names no tenant, and no --tenant stands in for it"
                : "the record names no derivation path, and no --derivation-path stands in for it");
            return false;
        }

        bool added = request.SecretId == 0
            ? _cache.TryAddForEncryption(batch.Keys, _path, tenant, derivationPath, 1, out keyIndex, out string? refusal)
            : _cache.TryAddForDecryption(batch.Keys, _path, request.SecretId, tenant, derivationPath, out keyIndex, out refusal);
        rejection = added ? default : new Rejection(RejectReason.UnknownKey, refusal!.TrimEnd('.'));
        return added;
    }

    private static byte[]? Encode(string? text)
    {
        try
        {
            return text is null ? null : Utf8.GetBytes(text);
        }
        catch (EncoderFallbackException)
        {
            throw CommandFailedException.Usage("A tenant or derivation path is not valid text: it has half a surrogate pair.");
        }
    }
}
