using System.Text;
using GpuCrypt.Host.Keyrings;
using GpuCrypt.Ingest.Formats;
using GpuCrypt.Ingest.Kafka;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Host.Service;

/// <summary>The keys of one topic's records: the current secret of its secret path, for the tenants that the topic allows.</summary>
internal sealed class RouteKeys : IRecordKeys
{
    private readonly KeyCache _cache;
    private readonly SecretPath _path;
    private readonly byte[][] _allowedTenants;

    public RouteKeys(KeyCache cache, SecretPath path, IEnumerable<string> allowedTenants)
    {
        _cache = cache;
        _path = path;
        _allowedTenants = [.. allowedTenants.Select(Encoding.UTF8.GetBytes)];
    }

    public bool TryAdd(KeyTable table, ReadOnlySpan<byte> tenant, ReadOnlySpan<byte> derivationPath, int vectors, out int index, out Rejection rejection)
    {
        if (_allowedTenants.Length > 0 && !IsAllowed(tenant))
        {
            index = 0;
            rejection = new Rejection(RejectReason.UnknownTenant, "the record's tenant is not among the topic's allowed tenants");
            return false;
        }

        if (_cache.TryAddForEncryption(table, _path, tenant, derivationPath, vectors, out index, out string? refusal))
        {
            rejection = default;
            return true;
        }

        rejection = new Rejection(RejectReason.UnknownKey, refusal);
        return false;
    }

    private bool IsAllowed(ReadOnlySpan<byte> tenant)
    {
        foreach (byte[] allowed in _allowedTenants)
        {
            if (tenant.SequenceEqual(allowed))
                return true;
        }

        return false;
    }
}
