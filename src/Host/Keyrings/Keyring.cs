using System.Diagnostics.CodeAnalysis;

namespace GpuCrypt.Host.Keyrings;

/// <summary>
/// The secret paths of one keyring file. Disposing it wipes every secret. Reading is safe from any thread; what changes it are the
/// <c>keys</c> commands alone, through <see cref="KeyringFile"/>.
/// </summary>
internal sealed class Keyring : IDisposable
{
    private readonly Dictionary<string, SecretPath> _paths = new(StringComparer.Ordinal);

    /// <summary>Creates a keyring and takes over its paths.</summary>
    /// <param name="file">The file it stands for, for messages.</param>
    /// <param name="isSealed">Whether that file is sealed.</param>
    /// <param name="paths">The paths, of different names.</param>
    public Keyring(string file, bool isSealed, IEnumerable<SecretPath> paths)
    {
        File = file;
        IsSealed = isSealed;
        foreach (SecretPath path in paths)
            _paths.Add(path.Name, path);
    }

    /// <summary>The file's name, as it was given.</summary>
    public string File { get; }

    /// <summary>Whether the file is sealed.</summary>
    public bool IsSealed { get; }

    /// <summary>The paths, sorted by name.</summary>
    public IReadOnlyList<SecretPath> Paths => [.. _paths.Values.OrderBy(p => p.Name, StringComparer.Ordinal)];

    /// <summary>Reads a keyring.</summary>
    /// <param name="file">The file.</param>
    /// <param name="unseal">Where to take the passphrase or key of a sealed keyring from; null when it is not sealed.</param>
    /// <exception cref="KeyringException">The file is missing, open to others, wrong or damaged, cannot be unsealed, or is not sealed though it should be.</exception>
    public static Keyring Load(string file, UnsealSource? unseal = null) => KeyringFile.Load(file, unseal);

    /// <summary>The path of a name.</summary>
    /// <exception cref="KeyringException">There is none; the message says which there are.</exception>
    public SecretPath Path(string name) => TryPath(name, out SecretPath? path)
        ? path
        : throw new KeyringException($"{File}: no secret path '{name}'; there is {string.Join(", ", Paths.Select(p => $"'{p.Name}'"))}.");

    /// <summary>The path of a name, if there is one.</summary>
    public bool TryPath(string name, [NotNullWhen(true)] out SecretPath? path) => _paths.TryGetValue(name, out path);

    /// <summary>Adds a path and takes it over.</summary>
    /// <exception cref="KeyringException">There is one of that name.</exception>
    internal void Add(SecretPath path)
    {
        if (!_paths.TryAdd(path.Name, path))
            throw new KeyringException($"{File}: there is a secret path '{path.Name}' already; nothing is overwritten. To replace its secret run keys rotate --path {path.Name}.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SecretPath path in _paths.Values)
            path.Dispose();
    }
}
