namespace GpuCrypt.Host.Keyrings;

/// <summary>One secret of a path: its id, when it was made, and its bytes, wiped on disposal.</summary>
internal sealed class KeyringSecret : IDisposable
{
    /// <summary>The size of the secrets that this program makes, in bytes.</summary>
    public const int GeneratedSize = 32;

    /// <summary>The largest secret that a keyring may hold, in bytes.</summary>
    public const int MaximumSize = 4096;

    /// <summary>Creates a secret and takes over its bytes.</summary>
    public KeyringSecret(uint id, DateTimeOffset? created, SecretBytes bytes)
    {
        Id = id;
        Created = created;
        Bytes = bytes;
    }

    /// <summary>The id that ciphertexts carry, at least 1.</summary>
    public uint Id { get; }

    /// <summary>When it was made; null when the keyring does not say.</summary>
    public DateTimeOffset? Created { get; }

    /// <summary>The secret, 32 to 4096 bytes.</summary>
    internal SecretBytes Bytes { get; }

    /// <summary>A new secret from the operating system's generator.</summary>
    public static KeyringSecret Generate(uint id)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return new KeyringSecret(id, new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerSecond), TimeSpan.Zero), SecretBytes.Random(GeneratedSize));
    }

    /// <summary>The same secret, with bytes of its own.</summary>
    public KeyringSecret Copy() => new(Id, Created, SecretBytes.Copy(Bytes.Span));

    /// <inheritdoc/>
    public void Dispose() => Bytes.Dispose();
}
