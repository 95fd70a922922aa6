// The authentication tag: HMAC-SHA256(K, bits(s) ‖ bits(β) ‖ IV ‖ bits(c[0]) ‖ … ), all big-endian: WIRE-FORMAT section 6.
namespace GpuCrypt.Kernels.Scheme;

/// <summary>The tag over one ciphertext.</summary>
internal static class Tag
{
    /// <summary>The number of bytes of a tag.</summary>
    public const int Size = 32;

    /// <summary>Computes the tag of a ciphertext of <paramref name="dimension"/> elements in stored (shuffled) order.</summary>
    /// <typeparam name="TRow">The view over the ciphertext.</typeparam>
    public static void Compute<TRow>(ref KeyMaterial key, ref Iv iv, TRow cipher, int dimension, out Digest tag)
        where TRow : struct, IView<float>
    {
        HmacSha256 mac = HmacSha256.Create(ref key);
        mac.AppendWord(BitConverter.SingleToUInt32Bits(key.ScalingFactor));
        mac.AppendWord(BitConverter.SingleToUInt32Bits(key.ApproximationFactor));
        mac.AppendWord(iv.W0);
        mac.AppendWord(iv.W1);
        mac.AppendWord(iv.W2);
        for (int i = 0; i < dimension; i++)
            mac.AppendWord(BitConverter.SingleToUInt32Bits(cipher.Get(i)));
        mac.Finish(out tag);
    }
}
