using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Host.Keyrings;

/// <summary>A derived key has come to an eighth of what it may encrypt under random IVs.</summary>
/// <param name="SecretPath">The secret path.</param>
/// <param name="SecretId">The secret's id.</param>
/// <param name="Context">Tenant, "-", derivation path.</param>
/// <param name="Encryptions">The encryptions on record.</param>
internal sealed record KeyUsageWarning(string SecretPath, uint SecretId, string Context, long Encryptions)
{
    /// <summary>The warning as one line.</summary>
    public override string ToString() =>
        $"The key of '{Context}' under secret {SecretId} of secret path '{SecretPath}' has encrypted {Encryptions:N0} vectors of at most {KeyUsage.Ceiling:N0} under random IVs: plan keys rotate --path {SecretPath}.";
}

/// <summary>
/// The counters of encryptions under each derived key, kept in a file beside the keyring. What a key encrypts is recorded in portions
/// before it is used, one appended line each, however many keys there are. Several processes may share the file. Thread-safe; about 200
/// bytes of memory for each derived key that the file knows.
/// </summary>
internal sealed class KeyUsage : IDisposable
{
    /// <summary>The ceiling: 2^32 encryptions under one derived key with random IVs; past it a repeated IV is no longer unlikely enough (2^63 pairs, 2^96 IVs).</summary>
    public const long Ceiling = 1L << 32;

    /// <summary>Where a warning is due: an eighth of the ceiling.</summary>
    public const long WarningLevel = Ceiling / 8;

    /// <summary>The portion that is recorded ahead.</summary>
    public const long Step = 1L << 20;

    private const int CompactAbove = 4096;

    private readonly Lock _lock = new();
    private readonly UsageFile _file;
    private readonly Dictionary<(string SecretPath, uint Id, string Context), KeyCounter> _counters = [];
    private readonly List<KeyUsageWarning> _warnings = [];
    private bool _appended;
    private bool _disposed;

    private KeyUsage(string file) => _file = new UsageFile(
        file,
        entry => Find(entry.SecretPath, entry.SecretId, entry.Context).AddRecorded(entry.Encryptions),
        () =>
        {
            foreach (KeyCounter counter in _counters!.Values)
                counter.ForgetRecorded();
        });

    /// <summary>The file that goes with a keyring.</summary>
    public static string FileOf(string keyringFile) => keyringFile + ".usage";

    /// <summary>Opens the counters; a file that is not there is made when something is counted.</summary>
    /// <exception cref="KeyringException">The file is open to others, wrong, or in a folder that cannot be written.</exception>
    public static KeyUsage Open(string file)
    {
        var usage = new KeyUsage(file);
        using FileLock held = usage._file.Lock();
        usage._file.Read();
        if (usage._file.Lines > (2 * usage._counters.Count) + CompactAbove)
            usage._file.Rewrite(usage._counters.Values.Select(c => new UsageFile.Entry(c.SecretPath, c.SecretId, c.Context, c.Recorded)));
        return usage;
    }

    /// <summary>Reads the counts of a file without counting; empty when there is no file.</summary>
    /// <exception cref="KeyringException">The file is open to others or wrong.</exception>
    public static IReadOnlyCollection<KeyCounter> Peek(string file)
    {
        var usage = new KeyUsage(file);
        usage._file.Read();
        return usage._counters.Values;
    }

    /// <summary>The counter of a derived key: the same one for every tenant and derivation path that give the same key.</summary>
    public KeyCounter Counter(string secretPath, uint secretId, string tenant, string derivationPath)
    {
        lock (_lock)
            return Find(secretPath, secretId, $"{tenant}-{derivationPath}");
    }

    /// <summary>The warnings since the last call; each key gives one at most in a process's life.</summary>
    public IReadOnlyList<KeyUsageWarning> TakeWarnings()
    {
        lock (_lock)
        {
            KeyUsageWarning[] taken = [.. _warnings];
            _warnings.Clear();
            return taken;
        }
    }

    /// <summary>
    /// Makes what is on record outlast the machine's crash too, not only the process's. Does nothing when nothing is new; a service calls it
    /// every few seconds.
    /// </summary>
    /// <exception cref="KeyringException">The file cannot be written.</exception>
    public void Flush()
    {
        lock (_lock)
        {
            if (!_appended || _disposed)
                return;
            Append(() => [], toDisk: true);
            _appended = false;
        }
    }

    /// <summary>Gives back what was recorded ahead and not used. Nothing can be counted afterwards.</summary>
    /// <exception cref="KeyringException">The file cannot be written; then the counts stay too high, never too low.</exception>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            if (_counters.Values.Any(c => c.Available > 0) || _appended)
                Append(() => [.. _counters.Values.Select(GiveBack).Where(e => e.Encryptions < 0)], toDisk: true);
        }
    }

    /// <summary>Records another portion for a counter and takes vectors from it.</summary>
    internal bool TryExtend(KeyCounter counter, long vectors, IvSource source)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            // Another thread may have been here while this one waited.
            if (counter.Available < vectors)
            {
                long portion = 0;
                Append(
                    () =>
                    {
                        // Only now, with other processes' entries read, is the sum known.
                        portion = Portion(counter, vectors, source);
                        return portion == 0 ? [] : [new UsageFile.Entry(counter.SecretPath, counter.SecretId, counter.Context, portion)];
                    },
                    toDisk: false);
                if (portion == 0)
                    return false;
                // Not before it is on record.
                counter.AddPortion(portion);
            }

            if (counter.Recorded >= WarningLevel && !counter.Warned)
            {
                counter.Warned = true;
                _warnings.Add(new KeyUsageWarning(counter.SecretPath, counter.SecretId, counter.Context, counter.Recorded));
            }
        }

        return counter.TryCount(vectors, source);
    }

    // Whole steps, less where the ceiling is near, 0 where what is missing would go past it.
    private static long Portion(KeyCounter counter, long vectors, IvSource source)
    {
        long missing = vectors - counter.Available;
        long portion = (missing + Step - 1) / Step * Step;
        if (source == IvSource.Random)
            portion = Math.Min(portion, Ceiling - counter.Recorded);
        return portion >= missing ? portion : 0;
    }

    private static UsageFile.Entry GiveBack(KeyCounter counter)
    {
        long rest = counter.TakeRest();
        counter.AddRecorded(-rest);
        return new UsageFile.Entry(counter.SecretPath, counter.SecretId, counter.Context, -rest);
    }

    private void Append(Func<IEnumerable<UsageFile.Entry>> entries, bool toDisk)
    {
        using FileLock held = _file.Lock();
        _file.Append(entries, toDisk);
        _appended = true;
    }

    private KeyCounter Find(string secretPath, uint secretId, string context)
    {
        if (!_counters.TryGetValue((secretPath, secretId, context), out KeyCounter? counter))
        {
            counter = new KeyCounter(this, secretPath, secretId, context);
            _counters.Add((secretPath, secretId, context), counter);
        }

        return counter;
    }
}
