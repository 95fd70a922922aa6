// The keyed shuffle: the stable argsort of d words of a stream that depends on the key alone: WIRE-FORMAT section 3.
// Computed once per (key, dimension) on the host, so it may allocate and sort with the library.
using System.Text;

namespace GpuCrypt.Kernels.Scheme;

/// <summary>The permutation of a key at a dimension.</summary>
internal static class Shuffle
{
    private static readonly byte[] Payload = Encoding.ASCII.GetBytes(
        "One Ring to rule them all, One Ring to find them, One Ring to bring them all, and in the darkness bind them");

    /// <summary>Computes perm, where shuffled[j] = plain[perm[j]].</summary>
    /// <param name="key">The key.</param>
    /// <param name="permutation">Receives d indexes, d = its length.</param>
    /// <returns>True when two of the sort keys tie, in which case other implementations of the format may order those two differently.</returns>
    public static bool Compute(ref KeyMaterial key, Span<int> permutation)
    {
        HmacSha256 mac = HmacSha256.Create(ref key);
        foreach (byte b in Payload)
            mac.AppendByte(b);
        mac.Finish(out Digest seed);
        RandomStream stream = RandomStream.FromSeed(ref seed);

        // Word in the high half, position in the low: sorting these is a stable argsort.
        ulong[] order = new ulong[permutation.Length];
        for (int i = 0; i < order.Length; i++)
            order[i] = ((ulong)stream.Next32() << 32) | (uint)i;
        Array.Sort(order);
        bool tied = false;
        for (int i = 0; i < order.Length; i++)
        {
            permutation[i] = (int)(uint)order[i];
            tied |= i > 0 && order[i] >> 32 == order[i - 1] >> 32;
        }

        Array.Clear(order);
        return tied;
    }
}
