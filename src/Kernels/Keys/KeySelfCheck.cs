using System.Security.Cryptography;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Keys;

/// <summary>Proves that a key encrypts and decrypts, with the scheme's own definition and no device. Thread-safe.</summary>
public static unsafe class KeySelfCheck
{
    /// <summary>Encrypts a fixed vector, decrypts it, and has a changed tag refused.</summary>
    /// <param name="key">The key.</param>
    /// <param name="dimension">The vector's dimension, 1 or more.</param>
    /// <returns>What went wrong, as the end of a sentence; null when all is well.</returns>
    public static string? Problem(VectorKey key, int dimension)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        float[] values = GC.AllocateArray<float>(4 * dimension, pinned: true);
        fixed (float* start = values)
        {
            for (int i = 0; i < dimension; i++)
                start[i] = MathF.Sin(i + 1);
            var plain = new NativeView<float>(start);
            var cipher = new NativeView<float>(start + dimension);
            var decrypted = new NativeView<float>(start + (2 * dimension));
            var noise = new NativeView<float>(start + (3 * dimension));
            Permutation shuffle = key.PermutationFor(dimension);
            var permutation = new NativeView<int>(shuffle.Forward);
            var tables = default(HostTables);
            var iv = new Iv { W0 = Word(), W1 = Word(), W2 = Word() };
            ref KeyMaterial material = ref key.Material;

            RowStatus status = VectorScheme.Encrypt(ref material, ref iv, dimension, permutation, plain, cipher, ref tables, out Digest tag);
            if (status != RowStatus.Ok)
                return status == RowStatus.Overflow ? "its noise overflows float32: the approximation factor is too large" : $"encryption reports {status}";
            status = VectorScheme.Decrypt(ref material, ref iv, ref tag, dimension, permutation, cipher, decrypted, noise, ref tables);
            if (status != RowStatus.Ok)
                return $"decryption of what it encrypted reports {status}";
            // Elements are at most 1; what is lost is a few last bits of them or of the noise, whichever is larger.
            float tolerance = (1f + (0.25f * key.ApproximationFactor)) / (1 << 20);
            for (int i = 0; i < dimension; i++)
            {
                if (!(MathF.Abs(start[i] - decrypted.Get(i)) <= tolerance))
                    return "decryption does not give back what was encrypted";
            }

            iv.W0 ^= 1;
            status = VectorScheme.Decrypt(ref material, ref iv, ref tag, dimension, permutation, cipher, decrypted, noise, ref tables);
            GC.KeepAlive(shuffle);
            return status == RowStatus.BadTag ? null : "a changed IV is not noticed";
        }
    }

    private static uint Word() => (uint)RandomNumberGenerator.GetInt32(int.MinValue, int.MaxValue);
}
