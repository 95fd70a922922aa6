// Scale-and-Perturb with a keyed shuffle in front and a tag behind (Fuchsbauer, Ghosal, Hauke, O'Neill, SCN 2022): WIRE-FORMAT section 6.
// This file and what it calls are the definition that every device is held to, bit for bit.
namespace GpuCrypt.Kernels.Scheme;

/// <summary>
/// Encryption and decryption of one vector, scalar. Views are disjoint unless said otherwise; <c>permutation</c> is the shuffle of
/// (K, d), see <see cref="Shuffle"/>; <c>noise</c> is scratch of d elements. Stateless, so safe from any thread.
/// </summary>
internal static class VectorScheme
{
    /// <summary>Encrypts a vector under a given IV and computes its tag.</summary>
    /// <returns>
    /// <see cref="RowStatus.Ok"/>, or <see cref="RowStatus.Overflow"/> when an element of the ciphertext is NaN or infinite: then the
    /// ciphertext is all zeros and the tag is zero.
    /// </returns>
    public static RowStatus Encrypt<TFloats, TInts, TTables>(
        ref KeyMaterial key, ref Iv iv, int dimension, TInts permutation, TFloats plain, TFloats cipher, ref TTables tables, out Digest tag)
        where TFloats : struct, IView<float>
        where TInts : struct, IView<int>
        where TTables : struct, ISchemeTables
    {
        tag = default;
        RowStatus status = Perturb(ref key, ref iv, dimension, permutation, plain, cipher, ref tables);
        if (status == RowStatus.Ok)
            Tag.Compute(ref key, ref iv, cipher, dimension, out tag);
        return status;
    }

    /// <summary>
    /// Encrypts without a tag, for one-way export: when the IV is discarded afterwards the result cannot be decrypted even with the key.
    /// </summary>
    /// <returns>As for encryption.</returns>
    public static RowStatus EncryptOneWay<TFloats, TInts, TTables>(
        ref KeyMaterial key, ref Iv iv, int dimension, TInts permutation, TFloats plain, TFloats cipher, ref TTables tables)
        where TFloats : struct, IView<float>
        where TInts : struct, IView<int>
        where TTables : struct, ISchemeTables =>
        Perturb(ref key, ref iv, dimension, permutation, plain, cipher, ref tables);

    /// <summary>Checks the tag and, when it holds, decrypts. Lossy in the last bits, by design.</summary>
    /// <returns><see cref="RowStatus.Ok"/>, or <see cref="RowStatus.BadTag"/>: then nothing is written to <paramref name="plain"/>.</returns>
    public static RowStatus Decrypt<TFloats, TInts, TTables>(
        ref KeyMaterial key, ref Iv iv, ref Digest tag, int dimension, TInts permutation, TFloats cipher, TFloats plain, TFloats noise, ref TTables tables)
        where TFloats : struct, IView<float>
        where TInts : struct, IView<int>
        where TTables : struct, ISchemeTables
    {
        if (key.Scaling != 0 && key.ScalingFactor == 0f)
            return RowStatus.InvalidKey;
        Tag.Compute(ref key, ref iv, cipher, dimension, out Digest expected);
        if (!Digest.FixedTimeEquals(ref expected, ref tag))
            return RowStatus.BadTag;
        if (dimension == 0)
            return RowStatus.Ok;
        Noise.Generate(ref key, ref iv, dimension, noise, ref tables);
        for (int i = 0; i < dimension; i++)
        {
            float value = cipher.Get(i) - noise.Get(i);
            if (key.Scaling != 0)
                value /= key.ScalingFactor;
            plain.Set(permutation.Get(i), value);
        }

        return RowStatus.Ok;
    }

    private static RowStatus Perturb<TFloats, TInts, TTables>(
        ref KeyMaterial key, ref Iv iv, int dimension, TInts permutation, TFloats plain, TFloats cipher, ref TTables tables)
        where TFloats : struct, IView<float>
        where TInts : struct, IView<int>
        where TTables : struct, ISchemeTables
    {
        if (key.Scaling != 0 && key.ScalingFactor == 0f)
            return RowStatus.InvalidKey;
        if (dimension == 0)
            return RowStatus.Ok;
        Noise.Generate(ref key, ref iv, dimension, cipher, ref tables);
        bool finite = true;
        for (int i = 0; i < dimension; i++)
        {
            float value = plain.Get(permutation.Get(i));
            if (key.Scaling != 0)
                value *= key.ScalingFactor;
            value += cipher.Get(i);
            finite &= float.IsFinite(value);
            cipher.Set(i, value);
        }

        if (finite)
            return RowStatus.Ok;
        for (int i = 0; i < dimension; i++)
            cipher.Set(i, 0f);
        return RowStatus.Overflow;
    }
}
