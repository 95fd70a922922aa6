namespace GpuCrypt.Host.Keyrings;

/// <summary>What a keyring is sealed with.</summary>
internal enum SealingKind
{
    /// <summary>A passphrase, stretched with PBKDF2.</summary>
    Passphrase,

    /// <summary>A key-encryption key of 32 bytes, kept outside.</summary>
    Key,
}

/// <summary>A passphrase or key-encryption key, wiped on disposal.</summary>
internal sealed class SealingSecret : IDisposable
{
    /// <summary>Takes the bytes over.</summary>
    /// <param name="kind">What they are.</param>
    /// <param name="bytes">The passphrase in UTF-8, or 32 bytes of key.</param>
    /// <param name="origin">Where they came from, for messages: <c>environment variable KEK</c>.</param>
    public SealingSecret(SealingKind kind, SecretBytes bytes, string origin)
    {
        Kind = kind;
        Bytes = bytes;
        Origin = origin;
    }

    /// <summary>What it is.</summary>
    public SealingKind Kind { get; }

    /// <summary>The bytes.</summary>
    public SecretBytes Bytes { get; }

    /// <summary>Where it came from, for messages.</summary>
    public string Origin { get; }

    /// <inheritdoc/>
    public void Dispose() => Bytes.Dispose();
}
