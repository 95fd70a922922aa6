using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace GpuCrypt.Kernels.Keys;

/// <summary>
/// IVs that depend on what is encrypted: the first 12 bytes of an HMAC-SHA256 under a key of its own over everything that decides the
/// ciphertext. A replay of the same record gives the same ciphertext, so repeats cannot be averaged to strip the noise; anything else
/// gives another IV, as a random one would be. Decryptors see no difference.
/// </summary>
/// <remarks>
/// The message is: bits(s), bits(β), scaling (0 or 1), then tenant, derivation path and record id each as length and bytes, then the
/// row's ordinal within its record, d, and the plaintext's f32 bits; all integers 4 bytes little-endian, text UTF-8. s, β and scaling
/// are in it because the same IV under two radii would give the noise's direction away.
/// </remarks>
public static class SyntheticIv
{
    /// <summary>The label under which the secret gives the IV key: HMAC-SHA256(secret, label).</summary>
    internal static ReadOnlySpan<byte> KeyLabel => "GpuCrypt synthetic IV, version 1"u8;

    /// <summary>The scratch that <see cref="Compute"/> needs, in bytes.</summary>
    public static int ScratchSize(VectorKey key, int recordIdSize, int dimension)
    {
        ArgumentNullException.ThrowIfNull(key);
        return 32 + Encoding.UTF8.GetMaxByteCount(key.Tenant.Length) + Encoding.UTF8.GetMaxByteCount(key.DerivationPath.Length) + recordIdSize + (4 * dimension);
    }

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
        int at = 0;
        WriteWord(scratch, ref at, BitConverter.SingleToUInt32Bits(key.Material.ScalingFactor));
        WriteWord(scratch, ref at, BitConverter.SingleToUInt32Bits(key.Material.ApproximationFactor));
        WriteWord(scratch, ref at, key.Material.Scaling);
        WriteText(scratch, ref at, key.Tenant);
        WriteText(scratch, ref at, key.DerivationPath);
        WriteWord(scratch, ref at, (uint)recordId.Length);
        recordId.CopyTo(scratch[at..]);
        at += recordId.Length;
        WriteWord(scratch, ref at, (uint)ordinal);
        WriteWord(scratch, ref at, (uint)plain.Length);
        MemoryMarshal.AsBytes(plain).CopyTo(scratch[at..]);
        at += 4 * plain.Length;
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key.IvKey, scratch[..at], mac);
        mac[..12].CopyTo(iv);
        // Its finalizer would wipe the IV key under the hash.
        GC.KeepAlive(key);
    }

    private static void WriteText(Span<byte> scratch, ref int at, string text)
    {
        int size = Encoding.UTF8.GetBytes(text, scratch[(at + 4)..]);
        WriteWord(scratch, ref at, (uint)size);
        at += size;
    }

    private static void WriteWord(Span<byte> scratch, ref int at, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(scratch[at..], value);
        at += 4;
    }
}
