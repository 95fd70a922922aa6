using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Keys;

/// <summary>
/// The key of one tenant and derivation path under one secret, ready for any device: derived once, with its shuffles cached by
/// dimension. Thread-safe. Reference-counted: the creator holds one reference and gives it back with <see cref="Dispose"/>; every
/// batch that uses the key holds another; the memory is wiped when the last is gone.
/// </summary>
public sealed unsafe class VectorKey : IDisposable
{
    /// <summary>The shortest secret that is accepted, in bytes.</summary>
    public const int MinimumSecretSize = 32;

    /// <summary>
    /// The shuffles that a key keeps: whoever sends vectors of ever new dimensions must not fill the memory with them (8 bytes an element).
    /// </summary>
    internal const int MostPermutations = 64;

    private readonly SecretMemory _memory;
    private readonly ConcurrentDictionary<int, Permutation> _permutations = new();
    private Permutation? _lastPermutation;
    private long _encryptions;
    private int _references = 1;
    private int _disposed;

    private VectorKey(uint secretId, string tenant, string derivationPath)
    {
        SecretId = secretId;
        Tenant = tenant;
        DerivationPath = derivationPath;
        _memory = new SecretMemory(sizeof(Layout));
    }

    /// <summary>The id of the secret that the key was derived from, at least 1.</summary>
    public uint SecretId { get; }

    /// <summary>The tenant.</summary>
    public string Tenant { get; }

    /// <summary>The derivation path.</summary>
    public string DerivationPath { get; }

    /// <summary>The approximation factor β.</summary>
    /// <exception cref="ObjectDisposedException">The key was wiped.</exception>
    public float ApproximationFactor
    {
        get
        {
            float factor = Material.ApproximationFactor;
            // The finalizer of a key that nobody refers to any more must not wipe it before it is read.
            GC.KeepAlive(this);
            return factor;
        }
    }

    /// <summary>True when plaintexts are multiplied by the scaling factor.</summary>
    /// <exception cref="ObjectDisposedException">The key was wiped.</exception>
    public bool Scaling
    {
        get
        {
            bool scaling = Material.Scaling != 0;
            GC.KeepAlive(this);
            return scaling;
        }
    }

    /// <summary>How many vectors this instance has encrypted. The random IVs of one key are safe to about 2^32.</summary>
    public long Encryptions => Interlocked.Read(ref _encryptions);

    /// <summary>How many shuffles the key keeps.</summary>
    internal int CachedPermutations => _permutations.Count;

    /// <summary>
    /// What devices take. This and the other views below point into memory that goes with the key: whoever uses one holds a reference
    /// (<see cref="Acquire"/>) or keeps the key alive to the end of its use.
    /// </summary>
    internal ref KeyMaterial Material => ref Secrets->Material;

    /// <summary>The HMAC state after K xor ipad.</summary>
    internal ref Digest InnerState => ref Secrets->Inner;

    /// <summary>The HMAC state after K xor opad.</summary>
    internal ref Digest OuterState => ref Secrets->Outer;

    /// <summary>The HMAC state after the IV key xor ipad.</summary>
    internal ref Digest IvInnerState => ref Secrets->IvInner;

    /// <summary>The HMAC state after the IV key xor opad.</summary>
    internal ref Digest IvOuterState => ref Secrets->IvOuter;

    /// <summary>K as 32 bytes.</summary>
    internal ReadOnlySpan<byte> MacKey => new(Secrets->MacKey, 32);

    /// <summary>The key of the synthetic IVs, 32 bytes, derived from the secret for this purpose alone.</summary>
    internal ReadOnlySpan<byte> IvKey => new(Secrets->IvKey, 32);

    private Layout* Secrets => (Layout*)_memory.Pointer;

    /// <summary>Derives a key.</summary>
    /// <param name="secretId">The secret's id, at least 1.</param>
    /// <param name="secret">The secret, at least 32 bytes; copied nowhere.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="derivationPath">The derivation path.</param>
    /// <param name="approximationFactor">The approximation factor β: finite and not negative.</param>
    /// <param name="scaling">Whether plaintexts are multiplied by the key's scaling factor.</param>
    /// <returns>The key; dispose it to wipe it.</returns>
    /// <exception cref="ArgumentException">An argument is outside what is said above, or the derived scaling factor is 0 (one key in 2^24).</exception>
    public static VectorKey Derive(
        uint secretId, ReadOnlySpan<byte> secret, string tenant, string derivationPath, float approximationFactor, bool scaling)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        ArgumentNullException.ThrowIfNull(derivationPath);
        if (secretId == 0)
            throw new ArgumentOutOfRangeException(nameof(secretId), "A secret's id is at least 1.");
        if (secret.Length < MinimumSecretSize)
            throw new ArgumentException($"A secret has at least {MinimumSecretSize} bytes, this one has {secret.Length}.", nameof(secret));
        if (!float.IsFinite(approximationFactor) || approximationFactor < 0f)
            throw new ArgumentOutOfRangeException(nameof(approximationFactor), approximationFactor, "The approximation factor is a finite number, at least 0.");

        var key = new VectorKey(secretId, tenant, derivationPath);
        ref KeyMaterial material = ref key.Material;
        KeyDerivation.Derive(secret, tenant, derivationPath, ref material);
        material.ApproximationFactor = approximationFactor;
        material.Scaling = scaling ? 1u : 0u;
        SyntheticIv.DeriveKey(secret, tenant, derivationPath, ref material, new Span<byte>(key.Secrets->IvKey, 32));
        HmacSha256.Create(new NativeView<byte>(key.Secrets->IvKey), 32).SaveStates(out key.IvInnerState, out key.IvOuterState);
        Span<byte> mac = new(key.Secrets->MacKey, 32);
        ReadOnlySpan<uint> words = new(Unsafe.AsPointer(ref material), 8);
        for (int i = 0; i < 8; i++)
            BinaryPrimitives.WriteUInt32BigEndian(mac[(4 * i)..], words[i]);
        HmacSha256.Create(ref material).SaveStates(out key.InnerState, out key.OuterState);
        if (scaling && material.ScalingFactor == 0f)
        {
            key.Dispose();
            throw new ArgumentException("This secret, tenant and derivation path give a scaling factor of 0, which the format forbids: use another secret.", nameof(secret));
        }

        return key;
    }

    /// <summary>
    /// True when the shuffle of this key at this dimension has tied sort keys: then other implementations of the format may order two
    /// elements differently (about d²/2^33 of keys), and a new secret should be chosen where ciphertexts are exchanged with them.
    /// </summary>
    /// <param name="dimension">The dimension, 0 to <see cref="VectorBatch.MaximumDimension"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">No row has that dimension.</exception>
    /// <exception cref="ObjectDisposedException">The key was wiped.</exception>
    public bool HasTie(int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(dimension);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dimension, VectorBatch.MaximumDimension);
        Acquire();
        try
        {
            return PermutationFor(dimension).HasTie;
        }
        finally
        {
            Release();
        }
    }

    /// <summary>Gives the creator's reference back. Safe to call twice.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            Release();
    }

    /// <summary>The shuffle at a dimension, computed once. The caller holds a reference to the key, and keeps the result alive, for as long as it uses its pointers.</summary>
    internal Permutation PermutationFor(int dimension)
    {
        Permutation? last = _lastPermutation;
        if (last is not null && last.Dimension == dimension)
            return last;
        if (!_permutations.TryGetValue(dimension, out Permutation? permutation))
        {
            // Not disposed: somebody may be using it; whoever is last lets its finalizer wipe it.
            if (_permutations.Count >= MostPermutations)
                _permutations.TryRemove(_permutations.Keys.First(), out _);
            var made = new Permutation(ref Material, dimension);
            permutation = _permutations.GetOrAdd(dimension, made);
            if (!ReferenceEquals(permutation, made))
                made.Dispose();
        }

        _lastPermutation = permutation;
        return permutation;
    }

    internal void CountEncryptions(long count) => Interlocked.Add(ref _encryptions, count);

    /// <summary>Takes another reference.</summary>
    /// <exception cref="ObjectDisposedException">The last reference is gone.</exception>
    internal void Acquire()
    {
        int references;
        do
        {
            references = Volatile.Read(ref _references);
            ObjectDisposedException.ThrowIf(references == 0, this);
        }
        while (Interlocked.CompareExchange(ref _references, references + 1, references) != references);
    }

    internal void Release()
    {
        if (Interlocked.Decrement(ref _references) != 0)
            return;
        _memory.Dispose();
        foreach (Permutation permutation in _permutations.Values)
            permutation.Dispose();
    }

    private struct Layout
    {
        public KeyMaterial Material;

        // An inner state and its outer one lie together: sixteen lanes load them as one.
        public Digest Inner;
        public Digest Outer;
        public Digest IvInner;
        public Digest IvOuter;
        public fixed byte MacKey[32];
        public fixed byte IvKey[32];
    }
}
