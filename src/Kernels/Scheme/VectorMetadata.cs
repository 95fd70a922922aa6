// The 54 bytes beside a ciphertext ("paired_icl_info"): WIRE-FORMAT section 7.
using System.Buffers.Binary;

namespace GpuCrypt.Kernels.Scheme;

/// <summary>
/// Secret id (4 bytes, big-endian), type byte 0x81 (standalone key store, vector), 0x00, then a protobuf message with the IV (field 1)
/// and the tag (field 2). Stateless.
/// </summary>
public static class VectorMetadata
{
    /// <summary>The size of what writers emit, in bytes.</summary>
    public const int Size = 54;

    /// <summary>The size of the header, secret id to 0x00: the prefix under which rows of one secret are found.</summary>
    public const int HeaderSize = 6;

    private const byte StandaloneVector = 0x81;
    private const byte IvField = (1 << 3) | 2;
    private const byte TagField = (2 << 3) | 2;

    /// <summary>Writes the metadata of one ciphertext.</summary>
    /// <param name="secretId">The id of the secret.</param>
    /// <param name="iv">The IV, 12 bytes.</param>
    /// <param name="tag">The tag, 32 bytes.</param>
    /// <param name="destination">Receives <see cref="Size"/> bytes.</param>
    public static void Write(uint secretId, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> tag, Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, secretId);
        destination[4] = StandaloneVector;
        destination[5] = 0;
        destination[6] = IvField;
        destination[7] = Iv.Size;
        iv[..Iv.Size].CopyTo(destination[8..]);
        destination[20] = TagField;
        destination[21] = Digest.Size;
        tag[..Digest.Size].CopyTo(destination[22..]);
    }

    /// <summary>Reads metadata as any writer of the format may have laid it out: fields in any order, unknown fields skipped.</summary>
    /// <param name="metadata">The metadata, 6 bytes or more.</param>
    /// <param name="secretId">The id of the secret.</param>
    /// <param name="iv">Receives 12 bytes.</param>
    /// <param name="tag">Receives 32 bytes.</param>
    /// <param name="error">What is wrong, as the end of a sentence about the metadata; null when nothing is.</param>
    /// <returns>True when the metadata is whole.</returns>
    public static bool TryRead(ReadOnlySpan<byte> metadata, out uint secretId, Span<byte> iv, Span<byte> tag, out string? error)
    {
        secretId = 0;
        if (metadata.Length < HeaderSize)
            return Fail($"has {metadata.Length} bytes, expected {Size}", out error);
        secretId = BinaryPrimitives.ReadUInt32BigEndian(metadata);
        if (metadata[4] != StandaloneVector)
            return Fail($"has type byte 0x{metadata[4]:x2}, expected 0x{StandaloneVector:x2} (a standalone vector)", out error);
        if (metadata[5] != 0)
            return Fail($"has 0x{metadata[5]:x2} as its sixth byte, expected 0x00", out error);
        if (secretId == 0)
            return Fail("has secret id 0, expected at least 1", out error);

        bool hasIv = false, hasTag = false;
        ReadOnlySpan<byte> rest = metadata[HeaderSize..];
        while (!rest.IsEmpty)
        {
            if (!TryReadVarint(ref rest, out ulong fieldKey) || fieldKey >> 3 == 0)
                return Fail("has a broken field key", out error);
            int size;
            switch (fieldKey & 7)
            {
                case 0:
                    if (!TryReadVarint(ref rest, out _))
                        return Fail("has a broken number", out error);
                    continue;
                case 1:
                    size = 8;
                    break;
                case 5:
                    size = 4;
                    break;
                case 2:
                    if (!TryReadVarint(ref rest, out ulong length) || length > (ulong)rest.Length)
                        return Fail("ends inside a field", out error);
                    size = (int)length;
                    break;
                default:
                    return Fail($"has a field of unknown wire type {fieldKey & 7}", out error);
            }

            if (size > rest.Length)
                return Fail("ends inside a field", out error);
            ReadOnlySpan<byte> value = rest[..size];
            rest = rest[size..];
            if (fieldKey == IvField)
            {
                if (size != Iv.Size)
                    return Fail($"has an IV of {size} bytes, expected {Iv.Size}", out error);
                value.CopyTo(iv);
                hasIv = true;
            }
            else if (fieldKey == TagField)
            {
                if (size != Digest.Size)
                    return Fail($"has a tag of {size} bytes, expected {Digest.Size}", out error);
                value.CopyTo(tag);
                hasTag = true;
            }
        }

        if (!hasIv || !hasTag)
            return Fail(hasIv ? "has no tag" : "has no IV", out error);
        error = null;
        return true;
    }

    private static bool Fail(string reason, out string? error)
    {
        error = reason;
        return false;
    }

    private static bool TryReadVarint(ref ReadOnlySpan<byte> rest, out ulong value)
    {
        value = 0;
        for (int i = 0; i < 10 && i < rest.Length; i++)
        {
            byte b = rest[i];
            // The tenth byte holds bit 63 alone.
            if (i == 9 && b > 1)
                return false;
            value |= (ulong)(b & 0x7f) << (7 * i);
            if (b < 0x80)
            {
                rest = rest[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
