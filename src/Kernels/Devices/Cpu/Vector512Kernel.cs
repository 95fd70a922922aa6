using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>512-bit vectors: 16 ChaCha20 blocks, 8 draws and 16 elements at once. Needs AVX-512 F, BW, DQ and VL.</summary>
internal readonly unsafe struct Vector512Kernel : ICpuKernel
{
    /// <inheritdoc/>
    public static bool HasHashLanes => true;

    /// <inheritdoc/>
    public static int BlocksAtOnce => 16;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Keystream(uint* key, ulong counter, uint* destination)
    {
        // Lane b of every vector belongs to block counter + b.
        Vector512<uint> low = Vector512.Create((uint)counter) + Vector512.Create(0u, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        Vector512<uint> carry = Vector512.LessThan(low, Vector512.Create((uint)counter)) & Vector512<uint>.One;
        Vector512<uint> high = Vector512.Create((uint)(counter >> 32)) + carry;

        Vector512<uint> x0 = Vector512.Create(ChaCha20.Constant0), x1 = Vector512.Create(ChaCha20.Constant1);
        Vector512<uint> x2 = Vector512.Create(ChaCha20.Constant2), x3 = Vector512.Create(ChaCha20.Constant3);
        Vector512<uint> x4 = Vector512.Create(key[0]), x5 = Vector512.Create(key[1]), x6 = Vector512.Create(key[2]), x7 = Vector512.Create(key[3]);
        Vector512<uint> x8 = Vector512.Create(key[4]), x9 = Vector512.Create(key[5]), x10 = Vector512.Create(key[6]), x11 = Vector512.Create(key[7]);
        Vector512<uint> x12 = low, x13 = high, x14 = Vector512<uint>.Zero, x15 = Vector512<uint>.Zero;
        for (int round = 0; round < 20; round += 2)
        {
            QuarterRound(ref x0, ref x4, ref x8, ref x12);
            QuarterRound(ref x1, ref x5, ref x9, ref x13);
            QuarterRound(ref x2, ref x6, ref x10, ref x14);
            QuarterRound(ref x3, ref x7, ref x11, ref x15);
            QuarterRound(ref x0, ref x5, ref x10, ref x15);
            QuarterRound(ref x1, ref x6, ref x11, ref x12);
            QuarterRound(ref x2, ref x7, ref x8, ref x13);
            QuarterRound(ref x3, ref x4, ref x9, ref x14);
        }

        x0 += Vector512.Create(ChaCha20.Constant0);
        x1 += Vector512.Create(ChaCha20.Constant1);
        x2 += Vector512.Create(ChaCha20.Constant2);
        x3 += Vector512.Create(ChaCha20.Constant3);
        x4 += Vector512.Create(key[0]);
        x5 += Vector512.Create(key[1]);
        x6 += Vector512.Create(key[2]);
        x7 += Vector512.Create(key[3]);
        x8 += Vector512.Create(key[4]);
        x9 += Vector512.Create(key[5]);
        x10 += Vector512.Create(key[6]);
        x11 += Vector512.Create(key[7]);
        x12 += low;
        x13 += high;

        // Four words of four blocks a time, then 128-bit lanes into their blocks.
        Transpose4(x0, x1, x2, x3, out Vector512<uint> a0, out Vector512<uint> a1, out Vector512<uint> a2, out Vector512<uint> a3);
        Transpose4(x4, x5, x6, x7, out Vector512<uint> b0, out Vector512<uint> b1, out Vector512<uint> b2, out Vector512<uint> b3);
        Transpose4(x8, x9, x10, x11, out Vector512<uint> c0, out Vector512<uint> c1, out Vector512<uint> c2, out Vector512<uint> c3);
        Transpose4(x12, x13, x14, x15, out Vector512<uint> d0, out Vector512<uint> d1, out Vector512<uint> d2, out Vector512<uint> d3);
        StoreBlocks(a0, b0, c0, d0, destination);
        StoreBlocks(a1, b1, c1, d1, destination + 16);
        StoreBlocks(a2, b2, c2, d2, destination + 32);
        StoreBlocks(a3, b3, c3, d3, destination + 48);
    }

    /// <inheritdoc/>
    public static int FastNormals(ulong* draws, int count, float* normals)
    {
        byte* pairs = (byte*)ZigguratPairs.Table;
        int i = 0;
        for (; i + 8 <= count; i += 8)
        {
            // Loads of edge pairs by the draws' low bytes: on the processors measured faster than gathering edges and inner edges.
            byte* strips = (byte*)(draws + i);
            Vector512<double> even = Vector512.Create(
                Vector256.Create(Vector128.Load((double*)(pairs + (16 * strips[0]))), Vector128.Load((double*)(pairs + (16 * strips[16])))),
                Vector256.Create(Vector128.Load((double*)(pairs + (16 * strips[32]))), Vector128.Load((double*)(pairs + (16 * strips[48])))));
            Vector512<double> odd = Vector512.Create(
                Vector256.Create(Vector128.Load((double*)(pairs + (16 * strips[8]))), Vector128.Load((double*)(pairs + (16 * strips[24])))),
                Vector256.Create(Vector128.Load((double*)(pairs + (16 * strips[40]))), Vector128.Load((double*)(pairs + (16 * strips[56])))));
            Vector512<double> edge = Avx512F.UnpackLow(even, odd), inner = Avx512F.UnpackHigh(even, odd);
            Vector512<double> u = (Vector512.Create(0x4000000000000000ul) | (Vector512.Load(draws + i) >>> 12)).AsDouble() - Vector512.Create(3.0);
            Vector512<double> x = u * edge;
            // The floats of the fast lanes in front of a slow one are right; what follows is overwritten.
            Avx512F.ConvertToVector256Single(x).Store(normals + i);
            uint fast = (uint)Vector512.LessThan(Vector512.Abs(x), inner).ExtractMostSignificantBits();
            if (fast != 0xff)
                return i + System.Numerics.BitOperations.TrailingZeroCount(~fast);
        }

        for (; i < count; i++)
        {
            if (!PortableKernel.TryFastNormal(draws[i], out normals[i]))
                return i;
        }

        return count;
    }

    /// <inheritdoc/>
    public static void AddLaneSums(float* values, int count, float* lanes) => Vector256Kernel.AddLaneSums(values, count, lanes);

    /// <inheritdoc/>
    public static bool Perturb(in NoiseTerms terms, float* plain, int* permutation, float* cipher, byte* message)
    {
        Vector512<float> length = Vector512.Create(terms.Length), norm = Vector512.Create(terms.Norm), scale = Vector512.Create(terms.Scale);
        Vector512<uint> notFinite = Vector512<uint>.Zero;
        int d = terms.Dimension;
        for (int i = 0; i < d; i += 16)
        {
            Vector512<float> m = GatherSixteen(plain, permutation + i);
            if (terms.Scaling)
                m *= scale;
            Vector512<float> c = m + (Vector512.Load(terms.Normals + i) * length / norm);
            Vector512<uint> bits = c.AsUInt32();
            Vector512<uint> special = Vector512.Equals(bits & Vector512.Create(0x7f800000u), Vector512.Create(0x7f800000u));
            if (d - i < 16)
                special &= Vector512.LessThan(Vector512.Create(0u, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), Vector512.Create((uint)(d - i)));
            notFinite |= special;
            c.Store(cipher + i);
            if (message != null)
                Swap(bits).Store((uint*)(message + (4 * i)));
        }

        return notFinite == Vector512<uint>.Zero;
    }

    /// <inheritdoc/>
    public static void Unperturb(in NoiseTerms terms, float* cipher, float* shuffled)
    {
        Vector512<float> length = Vector512.Create(terms.Length), norm = Vector512.Create(terms.Norm), scale = Vector512.Create(terms.Scale);
        for (int i = 0; i < terms.Dimension; i += 16)
        {
            Vector512<float> m = Vector512.Load(cipher + i) - (Vector512.Load(terms.Normals + i) * length / norm);
            if (terms.Scaling)
                m /= scale;
            m.Store(shuffled + i);
        }
    }

    /// <inheritdoc/>
    public static void Gather(float* source, int* index, int dimension, float* destination)
    {
        for (int i = 0; i < dimension; i += 16)
            GatherSixteen(source, index + i).Store(destination + i);
    }

    /// <inheritdoc/>
    public static void BigEndian(float* values, int dimension, byte* destination)
    {
        for (int i = 0; i < dimension; i += 16)
            Swap(Vector512.Load((uint*)(values + i))).Store((uint*)(destination + (4 * i)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> GatherSixteen(float* source, int* index) => Vector512.Create(
        Avx2.GatherVector256(source, Vector256.Load(index), 4), Avx2.GatherVector256(source, Vector256.Load(index + 8), 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Swap(Vector512<uint> words) => Avx512BW.Shuffle(
        words.AsByte(),
        Vector512.Create(Vector256.Create(Vector128.Create((byte)3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)))).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void QuarterRound(ref Vector512<uint> a, ref Vector512<uint> b, ref Vector512<uint> c, ref Vector512<uint> d)
    {
        a += b;
        d = Avx512F.RotateLeft(d ^ a, 16);
        c += d;
        b = Avx512F.RotateLeft(b ^ c, 12);
        a += b;
        d = Avx512F.RotateLeft(d ^ a, 8);
        c += d;
        b = Avx512F.RotateLeft(b ^ c, 7);
    }

    /// <summary>From four words of sixteen blocks to vectors whose 128-bit lane L holds the four words of block 4L + j, j = 0..3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose4(
        Vector512<uint> w0, Vector512<uint> w1, Vector512<uint> w2, Vector512<uint> w3,
        out Vector512<uint> r0, out Vector512<uint> r1, out Vector512<uint> r2, out Vector512<uint> r3)
    {
        Vector512<ulong> low01 = Avx512F.UnpackLow(w0, w1).AsUInt64(), high01 = Avx512F.UnpackHigh(w0, w1).AsUInt64();
        Vector512<ulong> low23 = Avx512F.UnpackLow(w2, w3).AsUInt64(), high23 = Avx512F.UnpackHigh(w2, w3).AsUInt64();
        r0 = Avx512F.UnpackLow(low01, low23).AsUInt32();
        r1 = Avx512F.UnpackHigh(low01, low23).AsUInt32();
        r2 = Avx512F.UnpackLow(high01, high23).AsUInt32();
        r3 = Avx512F.UnpackHigh(high01, high23).AsUInt32();
    }

    /// <summary>Stores blocks j, 4 + j, 8 + j and 12 + j; <paramref name="destination"/> is at block j.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreBlocks(Vector512<uint> a, Vector512<uint> b, Vector512<uint> c, Vector512<uint> d, uint* destination)
    {
        Vector512<uint> even0 = Avx512F.Shuffle4x128(a, b, 0x88), odd0 = Avx512F.Shuffle4x128(a, b, 0xdd);
        Vector512<uint> even1 = Avx512F.Shuffle4x128(c, d, 0x88), odd1 = Avx512F.Shuffle4x128(c, d, 0xdd);
        Avx512F.Shuffle4x128(even0, even1, 0x88).Store(destination);
        Avx512F.Shuffle4x128(odd0, odd1, 0x88).Store(destination + 64);
        Avx512F.Shuffle4x128(even0, even1, 0xdd).Store(destination + 128);
        Avx512F.Shuffle4x128(odd0, odd1, 0xdd).Store(destination + 192);
    }
}
