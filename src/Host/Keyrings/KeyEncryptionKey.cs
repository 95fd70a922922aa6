using System.Buffers;
using System.Buffers.Text;

namespace GpuCrypt.Host.Keyrings;

/// <summary>The forms in which a key-encryption key comes in from outside: 64 hexadecimal digits, base64, or 32 bytes as they are.</summary>
internal static class KeyEncryptionKey
{
    /// <summary>The size in bytes.</summary>
    public const int Size = 32;

    private const int Base64Size = 44;

    /// <summary>Reads a key and wipes what it was read from.</summary>
    /// <param name="content">What came in; white space at its end is left out where it is text.</param>
    /// <param name="origin">Where from, for messages.</param>
    /// <param name="allowRaw">Whether 32 bytes may be the key itself.</param>
    /// <exception cref="KeyringException">It is none of the forms.</exception>
    public static SecretBytes Parse(SecretBytes content, string origin, bool allowRaw)
    {
        using (content)
        {
            if (allowRaw && content.Length == Size)
                return SecretBytes.Copy(content.Span);
            ReadOnlySpan<byte> text = content.Span.TrimEnd(" \t\r\n"u8);
            var key = new SecretBytes(Size);
            if (text.Length == 2 * Size && Convert.FromHexString(text, key.Span, out _, out _) == OperationStatus.Done)
                return key;
            // Decoding writes whole groups, so it needs a byte more than the key has.
            using var decoded = new SecretBytes(Base64.GetMaxDecodedFromUtf8Length(Base64Size));
            if (text.Length == Base64Size && Base64.DecodeFromUtf8(text, decoded.Span, out _, out int written) == OperationStatus.Done && written == Size)
            {
                decoded.Span[..Size].CopyTo(key.Span);
                return key;
            }

            key.Dispose();
            string forms = allowRaw ? "64 hexadecimal digits, base64 of 32 bytes, or 32 bytes as they are" : "64 hexadecimal digits or base64 of 32 bytes";
            throw new KeyringException($"{origin}: a key-encryption key is {forms}; this is none of them ({content.Length} bytes).");
        }
    }
}
