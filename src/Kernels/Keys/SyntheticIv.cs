using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Keys;

/// <summary>
/// IVs that depend on what is encrypted: the first 12 bytes of an HMAC-SHA256 under a key of its own over everything that decides the
/// ciphertext. A replay of the same record gives the same ciphertext, so repeats cannot be averaged to strip the noise; anything else
/// gives another IV, as a random one would be. Decryptors see no difference.
/// </summary>
/// <remarks>
/// All integers are 4 bytes, big-endian; text is UTF-8. The key of the IVs is HMAC-SHA256(HMAC-SHA256(secret, label), bits(s), bits(β),
/// scaling (0 or 1), then tenant and derivation path, each as length and bytes): β and s decide it because the same IV under two radii
/// would give the noise's direction away. The message is the vector's index within its record, d, the plaintext's f32 bits, and the
/// record id: whole words first, so that sixteen vectors can be hashed at once.
/// </remarks>
public static class SyntheticIv
{
    /// <summary>The words of the message before the plaintext.</summary>
    internal const int HeaderWords = 2;

    /// <summary>The label under which the secret gives the first key.</summary>
    private static ReadOnlySpan<byte> KeyLabel => "GpuCrypt synthetic IV, version 1"u8;

    /// <summary>The scratch that <see cref="Compute"/> needs, in bytes.</summary>
    public static int ScratchSize(int recordIdSize, int dimension) => checked((4 * (HeaderWords + dimension)) + recordIdSize);

    /// <summary>Computes the IV of one vector. Thread-safe; allocates nothing.</summary>
    /// <param name="key">The key that the vector will be encrypted under.</param>
    /// <param name="recordId">What names the record: its id, key, or place.</param>
    /// <param name="ordinal">The vector's index within its record.</param>
    /// <param name="plain">The plaintext, d elements.</param>
    /// <param name="scratch">At least <see cref="ScratchSize"/> bytes; holds plaintext afterwards, so the caller wipes it in time.</param>
    /// <param name="iv">Receives 12 bytes.</param>
    public static void Compute(VectorKey key, ReadOnlySpan<byte> recordId, int ordinal, ReadOnlySpan<float> plain, Span<byte> scratch, Span<byte> iv)
    {
        ArgumentNullException.ThrowIfNull(key);
        BinaryPrimitives.WriteUInt32BigEndian(scratch, (uint)ordinal);
        BinaryPrimitives.WriteUInt32BigEndian(scratch[4..], (uint)plain.Length);
        Span<byte> bits = scratch.Slice(4 * HeaderWords, 4 * plain.Length);
        MemoryMarshal.AsBytes(plain).CopyTo(bits);
        if (BitConverter.IsLittleEndian)
        {
            Span<uint> words = MemoryMarshal.Cast<byte, uint>(bits);
            BinaryPrimitives.ReverseEndianness(words, words);
        }

        recordId.CopyTo(scratch[((4 * HeaderWords) + bits.Length)..]);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key.IvKey, scratch[..ScratchSize(recordId.Length, plain.Length)], mac);
        mac[..12].CopyTo(iv);
        // Its finalizer would wipe the IV key under the hash.
        GC.KeepAlive(key);
    }

    /// <summary>Derives the key of the IVs of one tenant and path.</summary>
    internal static void DeriveKey(ReadOnlySpan<byte> secret, string tenant, string derivationPath, ref KeyMaterial material, Span<byte> ivKey)
    {
        byte[] context = new byte[20 + Encoding.UTF8.GetByteCount(tenant) + Encoding.UTF8.GetByteCount(derivationPath)];
        int at = 0;
        WriteWord(context, ref at, BitConverter.SingleToUInt32Bits(material.ScalingFactor));
        WriteWord(context, ref at, BitConverter.SingleToUInt32Bits(material.ApproximationFactor));
        WriteWord(context, ref at, material.Scaling);
        WriteText(context, ref at, tenant);
        WriteText(context, ref at, derivationPath);
        Span<byte> first = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, KeyLabel, first);
        HMACSHA256.HashData(first, context, ivKey);
        CryptographicOperations.ZeroMemory(first);
        CryptographicOperations.ZeroMemory(context);
    }

    private static void WriteText(Span<byte> context, ref int at, string text)
    {
        int size = Encoding.UTF8.GetBytes(text, context[(at + 4)..]);
        WriteWord(context, ref at, (uint)size);
        at += size;
    }

    private static void WriteWord(Span<byte> context, ref int at, uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(context[at..], value);
        at += 4;
    }
}
