namespace GpuCrypt.Host.Keyrings;

/// <summary>What a derived key is found by: the secret (one object in one keyring), tenant and derivation path in UTF-8.</summary>
internal sealed record CacheKey(KeyringSecret Secret, byte[] Tenant, byte[] DerivationPath);

/// <summary>The same over bytes that lie elsewhere, so that a lookup allocates nothing.</summary>
internal readonly ref struct CacheKeyView(KeyringSecret secret, ReadOnlySpan<byte> tenant, ReadOnlySpan<byte> derivationPath)
{
    public readonly KeyringSecret Secret = secret;
    public readonly ReadOnlySpan<byte> Tenant = tenant;
    public readonly ReadOnlySpan<byte> DerivationPath = derivationPath;

    public bool Matches(CacheKey key) =>
        ReferenceEquals(Secret, key.Secret) && Tenant.SequenceEqual(key.Tenant) && DerivationPath.SequenceEqual(key.DerivationPath);
}

/// <summary>Compares and hashes both forms alike. The hash is seeded for each process, so that tenants cannot be chosen to collide.</summary>
internal sealed class CacheKeyComparer : IEqualityComparer<CacheKey>, IAlternateEqualityComparer<CacheKeyView, CacheKey>
{
    public static CacheKeyComparer Instance { get; } = new();

    public bool Equals(CacheKey? x, CacheKey? y) => ReferenceEquals(x, y) || (x is not null && y is not null && Equals(View(x), y));

    public int GetHashCode(CacheKey obj) => GetHashCode(View(obj));

    public bool Equals(CacheKeyView alternate, CacheKey other) => alternate.Matches(other);

    public int GetHashCode(CacheKeyView alternate)
    {
        var hash = default(HashCode);
        hash.Add(alternate.Secret.Id);
        // The length keeps apart pairs that join to the same bytes.
        hash.Add(alternate.Tenant.Length);
        hash.AddBytes(alternate.Tenant);
        hash.AddBytes(alternate.DerivationPath);
        return hash.ToHashCode();
    }

    public CacheKey Create(CacheKeyView alternate) => new(alternate.Secret, alternate.Tenant.ToArray(), alternate.DerivationPath.ToArray());

    private static CacheKeyView View(CacheKey key) => new(key.Secret, key.Tenant, key.DerivationPath);
}
