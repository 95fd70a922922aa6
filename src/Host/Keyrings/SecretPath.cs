using System.Buffers;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Host.Keyrings;

/// <summary>
/// A named place in a keyring: the secret that encrypts, optionally the one that it is replacing, and the approximation factor and
/// scaling that both are used with. Changed only by the keyring's own commands; otherwise safe to read from any thread.
/// </summary>
internal sealed class SecretPath : IDisposable
{
    /// <summary>The path that commands use when none is named.</summary>
    public const string DefaultName = "default";

    /// <summary>What a name is made of, as the end of a sentence. Too short for any secret, so that a name can be shown.</summary>
    public const string NameRule = "1 to 40 letters, digits, '.', '_', '-' or '/'";

    private const int MaximumNameSize = 40;
    private static readonly SearchValues<byte> NameBytes =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/"u8);

    private readonly List<uint> _retiredIds;

    /// <summary>Creates a path and takes over its secrets.</summary>
    public SecretPath(
        string name, float approximationFactor, bool scaling, KeyringSecret current, KeyringSecret? inRotation = null, IEnumerable<uint>? retiredIds = null)
    {
        Name = name;
        ApproximationFactor = approximationFactor;
        Scaling = scaling;
        Current = current;
        InRotation = inRotation;
        _retiredIds = [.. retiredIds ?? []];
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The approximation factor β.</summary>
    public float ApproximationFactor { get; }

    /// <summary>Whether plaintexts are multiplied by the key's scaling factor.</summary>
    public bool Scaling { get; }

    /// <summary>The secret that encrypts.</summary>
    public KeyringSecret Current { get; private set; }

    /// <summary>The secret that is being replaced: it decrypts only.</summary>
    public KeyringSecret? InRotation { get; private set; }

    /// <summary>Ids of secrets that are gone; none is given out again, because ciphertexts under it may still be somewhere.</summary>
    public IReadOnlyList<uint> RetiredIds => _retiredIds;

    /// <summary>True for a name that keeps <see cref="NameRule"/>.</summary>
    public static bool IsName(ReadOnlySpan<byte> name) =>
        name.Length is > 0 and <= MaximumNameSize && name.IndexOfAnyExcept(NameBytes) < 0;

    /// <summary>The secret with an id; null when the path has none.</summary>
    public KeyringSecret? ById(uint id) => Current.Id == id ? Current : InRotation?.Id == id ? InRotation : null;

    /// <summary>Derives the key of a tenant and derivation path; the caller disposes it. Services use a <see cref="KeyCache"/>.</summary>
    /// <exception cref="KeyringException">The derived scaling factor is 0 with scaling on (one key in 2^24).</exception>
    public VectorKey Derive(KeyringSecret secret, string tenant, string derivationPath)
    {
        ReadOnlySpan<byte> bytes = secret.Bytes.Span;
        try
        {
            return VectorKey.Derive(secret.Id, bytes, tenant, derivationPath, ApproximationFactor, Scaling);
        }
        catch (ArgumentException exception)
        {
            // All else that could be wrong with the arguments the keyring has checked.
            throw new KeyringException(
                $"secret {secret.Id} of secret path '{Name}' gives this tenant and derivation path a scaling factor of 0, which the format forbids: run keys rotate --path {Name}.", exception);
        }
    }

    /// <summary>Why there is no secret with this id here, as one line.</summary>
    public string Missing(uint id)
    {
        string held = InRotation is null ? $"{Current.Id} (current)" : $"{Current.Id} (current) and {InRotation.Id} (in rotation)";
        string fate = _retiredIds.Contains(id) ? ": it was retired" : "";
        return $"secret path '{Name}' has no secret with id {id}{fate}; it holds {held}.";
    }

    /// <summary>Makes a new current secret; the old one goes into rotation.</summary>
    /// <exception cref="KeyringException">One is in rotation already, or the id is used.</exception>
    internal void Rotate(uint? id)
    {
        if (InRotation is not null)
        {
            throw new KeyringException(
                $"Secret path '{Name}' has secret {InRotation.Id} in rotation already: re-encrypt what is still under it, then run keys retire --path {Name} --id {InRotation.Id}.");
        }

        uint next = id ?? NextId();
        if (Current.Id == next)
            throw new KeyringException($"Secret path '{Name}' has a secret with id {next} already: choose another --id, or leave it out.");
        if (_retiredIds.Contains(next))
            throw new KeyringException($"Secret path '{Name}' had a secret with id {next} once, and ciphertexts under it may still exist: choose another --id, or leave it out.");
        KeyringSecret made = KeyringSecret.Generate(next);
        InRotation = Current;
        Current = made;
    }

    /// <summary>Takes the secret in rotation out; the caller disposes it.</summary>
    /// <exception cref="KeyringException">The id is not that of the secret in rotation.</exception>
    internal KeyringSecret Retire(uint id)
    {
        if (Current.Id == id)
            throw new KeyringException($"Secret {id} is the current one of secret path '{Name}': run keys rotate --path {Name} first, and retire it when nothing is left under it.");
        if (InRotation is null || InRotation.Id != id)
            throw new KeyringException("Nothing to retire: " + Missing(id));
        KeyringSecret retired = InRotation;
        InRotation = null;
        _retiredIds.Add(id);
        return retired;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Current.Dispose();
        InRotation?.Dispose();
    }

    private uint NextId()
    {
        uint highest = _retiredIds.Append(Current.Id).Max();
        if (highest < uint.MaxValue)
            return highest + 1;
        uint free = 1;
        while (Current.Id == free || _retiredIds.Contains(free))
            free++;
        return free;
    }
}
