using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Host.Keyrings;

/// <summary>
/// How many vectors were encrypted under one derived key, over all processes and restarts. Counted before the vectors are encrypted, in
/// portions that are on record before they are used: a crash counts up to <see cref="KeyUsage.Step"/> too many, never too few. Thread-safe.
/// </summary>
internal sealed class KeyCounter
{
    private readonly KeyUsage _usage;
    private long _available;
    private long _recorded;

    /// <summary>Creates a counter that <see cref="KeyUsage"/> keeps.</summary>
    internal KeyCounter(KeyUsage usage, string secretPath, uint secretId, string context)
    {
        _usage = usage;
        SecretPath = secretPath;
        SecretId = secretId;
        Context = context;
    }

    /// <summary>The name of the secret path.</summary>
    public string SecretPath { get; }

    /// <summary>The secret's id.</summary>
    public uint SecretId { get; }

    /// <summary>What the key was derived from the secret with: tenant, "-", derivation path. Pairs that join to the same text share a key.</summary>
    public string Context { get; }

    /// <summary>The encryptions so far.</summary>
    public long Encryptions => Math.Max(0, Recorded - Available);

    internal long Available => Interlocked.Read(ref _available);

    internal long Recorded => Interlocked.Read(ref _recorded);

    internal bool Warned { get; set; }

    /// <summary>Counts vectors that are about to be encrypted. Allocates nothing unless a new portion has to be recorded.</summary>
    /// <param name="vectors">How many, 0 or more.</param>
    /// <param name="source">Where their IVs come from: only random ones have a ceiling.</param>
    /// <returns>False when the key has reached the ceiling: then nothing was counted and nothing may be encrypted.</returns>
    /// <exception cref="KeyringException">The portion cannot be recorded.</exception>
    public bool TryCount(long vectors, IvSource source)
    {
        long available = Interlocked.Read(ref _available);
        while (vectors <= available)
        {
            long before = Interlocked.CompareExchange(ref _available, available - vectors, available);
            if (before == available)
                return true;
            available = before;
        }

        return _usage.TryExtend(this, vectors, source);
    }

    /// <summary>Adds what the file says of this key; under the usage's lock.</summary>
    internal void AddRecorded(long encryptions) => Interlocked.Add(ref _recorded, encryptions);

    /// <summary>Forgets what the file said, because another file is in its place; under the usage's lock.</summary>
    internal void ForgetRecorded() => Interlocked.Exchange(ref _recorded, 0);

    /// <summary>Adds a portion that is on record now; under the usage's lock.</summary>
    internal void AddPortion(long portion)
    {
        Interlocked.Add(ref _recorded, portion);
        Interlocked.Add(ref _available, portion);
    }

    /// <summary>Takes the rest of the portion out; under the usage's lock.</summary>
    internal long TakeRest() => Interlocked.Exchange(ref _available, 0);
}
