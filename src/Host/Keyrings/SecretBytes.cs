using System.Security.Cryptography;

namespace GpuCrypt.Host.Keyrings;

/// <summary>
/// Bytes that are wiped. They lie in a pinned array: a collector that moved them would leave a copy behind, and a span that outlives
/// disposal sees zeros, never somebody else's memory. One thread at a time; reading from several is safe until disposal.
/// </summary>
internal sealed class SecretBytes : IDisposable
{
    private readonly byte[] _bytes;
    private bool _disposed;

    /// <summary>Makes <paramref name="length"/> zero bytes.</summary>
    public SecretBytes(int length)
    {
        _bytes = GC.AllocateArray<byte>(length, pinned: true);
        Length = length;
    }

    ~SecretBytes() => CryptographicOperations.ZeroMemory(_bytes);

    /// <summary>How many bytes are in use; <see cref="Shrink"/> makes it smaller.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes.</summary>
    /// <exception cref="ObjectDisposedException">They were wiped.</exception>
    public Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _bytes.AsSpan(0, Length);
        }
    }

    /// <summary>Copies bytes; the source stays the caller's to wipe.</summary>
    public static SecretBytes Copy(ReadOnlySpan<byte> bytes)
    {
        var copy = new SecretBytes(bytes.Length);
        bytes.CopyTo(copy.Span);
        return copy;
    }

    /// <summary>Bytes from the operating system's generator.</summary>
    public static SecretBytes Random(int length)
    {
        var secret = new SecretBytes(length);
        RandomNumberGenerator.Fill(secret.Span);
        return secret;
    }

    /// <summary>Keeps the first <paramref name="length"/> bytes and wipes the rest.</summary>
    public void Shrink(int length)
    {
        CryptographicOperations.ZeroMemory(Span[length..]);
        Length = length;
    }

    /// <summary>Wipes the bytes. Safe to call twice.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_bytes);
        GC.SuppressFinalize(this);
    }
}
