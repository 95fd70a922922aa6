using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Host.Keyrings;

/// <summary>
/// The derived keys in use: each is derived once, with its shuffles, and kept while it is among the most recently used. A key goes from
/// here into a batch's key table under the cache's lock, and the table holds it from then on, so that no key is wiped between the two.
/// A lookup that finds its key allocates nothing. Thread-safe.
/// </summary>
internal sealed class KeyCache : IDisposable
{
    /// <summary>The keys that are kept unless said otherwise. A key takes about 1 KiB, and 8 bytes an element for each dimension in use.</summary>
    public const int DefaultCapacity = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<CacheKey, Entry> _entries = new(CacheKeyComparer.Instance);
    private readonly Dictionary<CacheKey, Entry>.AlternateLookup<CacheKeyView> _lookup;
    private readonly KeyUsage? _usage;
    private readonly IvSource _ivSource;
    private readonly int _capacity;
    private readonly Entry _ends = new(null!, null!, null);
    private bool _disposed;

    /// <summary>Creates an empty cache.</summary>
    /// <param name="usage">Where encryptions are counted; null counts nothing. Not disposed with the cache.</param>
    /// <param name="ivSource">Where the IVs of encryptions come from: random ones have a ceiling.</param>
    /// <param name="capacity">The keys to keep, at least 1.</param>
    public KeyCache(KeyUsage? usage = null, IvSource ivSource = IvSource.Random, int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _usage = usage;
        _ivSource = ivSource;
        _capacity = capacity;
        _lookup = _entries.GetAlternateLookup<CacheKeyView>();
        _ends.Next = _ends.Previous = _ends;
    }

    /// <summary>The keys in the cache.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _entries.Count;
        }
    }

    /// <summary>Puts the key that encrypts for a tenant and derivation path into a table, and counts the vectors.</summary>
    /// <param name="table">The table of the batch that the vectors go into.</param>
    /// <param name="path">The secret path; its current secret serves.</param>
    /// <param name="tenant">The tenant, UTF-8.</param>
    /// <param name="derivationPath">The derivation path, UTF-8.</param>
    /// <param name="vectors">How many vectors are about to be encrypted under it.</param>
    /// <param name="keyIndex">The key's index in the table.</param>
    /// <param name="refusal">Why there is no key for them, as one line: the texts are not UTF-8, the key is invalid or used up.</param>
    /// <exception cref="KeyringException">The count cannot be recorded.</exception>
    /// <exception cref="ObjectDisposedException">The cache or the keyring was disposed.</exception>
    public bool TryAddForEncryption(
        KeyTable table, SecretPath path, ReadOnlySpan<byte> tenant, ReadOnlySpan<byte> derivationPath, int vectors, out int keyIndex, [NotNullWhen(false)] out string? refusal)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentOutOfRangeException.ThrowIfNegative(vectors);
        return TryAdd(table, path, path.Current, tenant, derivationPath, vectors, out keyIndex, out refusal);
    }

    /// <summary>Puts the key that decrypts a ciphertext into a table.</summary>
    /// <param name="table">The table of the batch that the vector goes into.</param>
    /// <param name="path">The secret path.</param>
    /// <param name="secretId">The secret's id, from the ciphertext's metadata: the current one or the one in rotation.</param>
    /// <param name="tenant">The tenant, UTF-8.</param>
    /// <param name="derivationPath">The derivation path, UTF-8.</param>
    /// <param name="keyIndex">The key's index in the table.</param>
    /// <param name="refusal">Why there is no such key, as one line.</param>
    /// <exception cref="ObjectDisposedException">The cache or the keyring was disposed.</exception>
    public bool TryAddForDecryption(
        KeyTable table, SecretPath path, uint secretId, ReadOnlySpan<byte> tenant, ReadOnlySpan<byte> derivationPath, out int keyIndex, [NotNullWhen(false)] out string? refusal)
    {
        ArgumentNullException.ThrowIfNull(path);
        KeyringSecret? secret = path.ById(secretId);
        if (secret is not null)
            return TryAdd(table, path, secret, tenant, derivationPath, null, out keyIndex, out refusal);
        keyIndex = -1;
        refusal = path.Missing(secretId);
        return false;
    }

    /// <summary>As <see cref="TryAddForEncryption"/>, for text; allocates.</summary>
    /// <returns>The key's index in the table.</returns>
    /// <exception cref="KeyringException">There is no key for them, or the count cannot be recorded.</exception>
    public int AddForEncryption(KeyTable table, SecretPath path, string tenant, string derivationPath, int vectors) =>
        TryAddForEncryption(table, path, Encode(tenant), Encode(derivationPath), vectors, out int index, out string? refusal)
            ? index
            : throw new KeyringException(refusal);

    /// <summary>As <see cref="TryAddForDecryption"/>, for text; allocates.</summary>
    /// <returns>The key's index in the table.</returns>
    /// <exception cref="KeyringException">There is no such key.</exception>
    public int AddForDecryption(KeyTable table, SecretPath path, uint secretId, string tenant, string derivationPath) =>
        TryAddForDecryption(table, path, secretId, Encode(tenant), Encode(derivationPath), out int index, out string? refusal)
            ? index
            : throw new KeyringException(refusal);

    /// <summary>Gives the cache's keys back; those that are in a batch are wiped when the batch lets them go.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (Entry entry in _entries.Values)
                entry.Key.Dispose();
            _entries.Clear();
            _ends.Next = _ends.Previous = _ends;
        }
    }

    private static byte[] Encode(string text)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        if (Utf8.FromUtf16(text, bytes, out _, out int written, replaceInvalidSequences: false) != System.Buffers.OperationStatus.Done)
            throw new KeyringException("A tenant or derivation path is not valid text: it has half a surrogate pair.");
        return bytes[..written];
    }

    private bool TryAdd(
        KeyTable table, SecretPath path, KeyringSecret secret, ReadOnlySpan<byte> tenant, ReadOnlySpan<byte> derivationPath,
        int? vectors, out int keyIndex, [NotNullWhen(false)] out string? refusal)
    {
        ArgumentNullException.ThrowIfNull(table);
        keyIndex = -1;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var wanted = new CacheKeyView(secret, tenant, derivationPath);
            // Neighbouring records mostly share a key: the most recently used one is tried before anything is hashed.
            Entry? entry = _ends.Next;
            if ((ReferenceEquals(entry, _ends) || !wanted.Matches(entry.Id)) && !_lookup.TryGetValue(wanted, out entry))
            {
                entry = Derive(path, wanted, out string? problem);
                if (entry is null)
                {
                    refusal = problem!;
                    return false;
                }
            }

            MoveToFront(entry);
            if (vectors is int count && entry.Counter is not null && !entry.Counter.TryCount(count, _ivSource))
            {
                refusal = $"the key of secret {secret.Id} of secret path '{path.Name}' for this tenant and derivation path has encrypted {entry.Counter.Encryptions:N0} vectors under random IVs, "
                    + $"of at most {KeyUsage.Ceiling:N0}: run keys rotate --path {path.Name}.";
                return false;
            }

            keyIndex = table.Add(entry.Key);
            refusal = null;
            return true;
        }
    }

    private Entry? Derive(SecretPath path, CacheKeyView wanted, out string? refusal)
    {
        if (!Utf8.IsValid(wanted.Tenant) || !Utf8.IsValid(wanted.DerivationPath))
        {
            refusal = "the tenant or derivation path is not UTF-8.";
            return null;
        }

        string tenant = Encoding.UTF8.GetString(wanted.Tenant), derivationPath = Encoding.UTF8.GetString(wanted.DerivationPath);
        VectorKey key;
        try
        {
            key = path.Derive(wanted.Secret, tenant, derivationPath);
        }
        catch (KeyringException exception)
        {
            refusal = exception.Message;
            return null;
        }

        var id = new CacheKey(wanted.Secret, wanted.Tenant.ToArray(), wanted.DerivationPath.ToArray());
        var entry = new Entry(id, key, _usage?.Counter(path.Name, wanted.Secret.Id, tenant, derivationPath));
        _entries.Add(id, entry);
        if (_entries.Count > _capacity)
        {
            Entry oldest = _ends.Previous;
            Unlink(oldest);
            _entries.Remove(oldest.Id);
            oldest.Key.Dispose();
        }

        refusal = null;
        return entry;
    }

    private void MoveToFront(Entry entry)
    {
        if (ReferenceEquals(_ends.Next, entry))
            return;
        Unlink(entry);
        entry.Previous = _ends;
        entry.Next = _ends.Next;
        entry.Next.Previous = entry;
        _ends.Next = entry;
    }

    private static void Unlink(Entry entry)
    {
        entry.Previous.Next = entry.Next;
        entry.Next.Previous = entry.Previous;
    }

    private sealed class Entry
    {
        public Entry(CacheKey id, VectorKey key, KeyCounter? counter)
        {
            Id = id;
            Key = key;
            Counter = counter;
            Next = Previous = this;
        }

        public CacheKey Id { get; }

        public VectorKey Key { get; }

        public KeyCounter? Counter { get; }

        public Entry Next { get; set; }

        public Entry Previous { get; set; }
    }
}
