using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>256-bit vectors: 8 ChaCha20 blocks, 4 draws and 8 elements at once. Needs AVX2.</summary>
internal readonly unsafe struct Vector256Kernel : ICpuKernel
{
    /// <inheritdoc/>
    public static int StateSize => 8 * sizeof(uint);

    /// <inheritdoc/>
    public static void StartKeystream(uint* key, void* state) => Vector256.Load(key).Store((uint*)state);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Keystream(void* state, ulong counter, uint* destination, int blocks)
    {
        uint* key = (uint*)state;
        // Lane b of every vector belongs to block counter + b.
        Vector256<uint> low = Vector256.Create((uint)counter) + Vector256.Create(0u, 1, 2, 3, 4, 5, 6, 7);
        Vector256<uint> carry = Vector256.LessThan(low, Vector256.Create((uint)counter)) & Vector256<uint>.One;
        Vector256<uint> high = Vector256.Create((uint)(counter >> 32)) + carry;

        Vector256<uint> x0 = Vector256.Create(ChaCha20.Constant0), x1 = Vector256.Create(ChaCha20.Constant1);
        Vector256<uint> x2 = Vector256.Create(ChaCha20.Constant2), x3 = Vector256.Create(ChaCha20.Constant3);
        Vector256<uint> x4 = Vector256.Create(key[0]), x5 = Vector256.Create(key[1]), x6 = Vector256.Create(key[2]), x7 = Vector256.Create(key[3]);
        Vector256<uint> x8 = Vector256.Create(key[4]), x9 = Vector256.Create(key[5]), x10 = Vector256.Create(key[6]), x11 = Vector256.Create(key[7]);
        Vector256<uint> x12 = low, x13 = high, x14 = Vector256<uint>.Zero, x15 = Vector256<uint>.Zero;
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

        x0 += Vector256.Create(ChaCha20.Constant0);
        x1 += Vector256.Create(ChaCha20.Constant1);
        x2 += Vector256.Create(ChaCha20.Constant2);
        x3 += Vector256.Create(ChaCha20.Constant3);
        x4 += Vector256.Create(key[0]);
        x5 += Vector256.Create(key[1]);
        x6 += Vector256.Create(key[2]);
        x7 += Vector256.Create(key[3]);
        x8 += Vector256.Create(key[4]);
        x9 += Vector256.Create(key[5]);
        x10 += Vector256.Create(key[6]);
        x11 += Vector256.Create(key[7]);
        x12 += low;
        x13 += high;
        StoreWords(x0, x1, x2, x3, destination);
        StoreWords(x4, x5, x6, x7, destination + 4);
        StoreWords(x8, x9, x10, x11, destination + 8);
        StoreWords(x12, x13, x14, x15, destination + 12);
        return 8;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Candidates(ulong* draws, int count, double* edges, float* candidates, byte* undecided)
    {
        for (int i = 0; i < count; i += 8)
        {
            uint low = FourCandidates(draws + i, edges, candidates + i);
            undecided[i >> 3] = (byte)(low | (FourCandidates(draws + i + 4, edges, candidates + i + 4) << 4));
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static int Compact(float* values, ulong* kept, int count, float* destination)
    {
        byte* masks = (byte*)kept;
        byte* orders = CompactOrders.Table;
        float* next = destination;
        for (int i = 0; i < count; i += 8)
        {
            uint mask = masks[i >> 3];
            Avx2.PermuteVar8x32(Vector256.Load(values + i), Avx2.ConvertToVector256Int32(orders + (8 * mask))).Store(next);
            next += BitOperations.PopCount(mask);
        }

        return (int)(next - destination);
    }

    /// <inheritdoc/>
    public static void AddLaneSums(float* values, int count, float* lanes)
    {
        Vector256<float> sums = Vector256.Load(lanes);
        for (int i = 0; i < count; i += 8)
        {
            Vector256<float> v = Vector256.Load(values + i);
            sums += v * v;
        }

        sums.Store(lanes);
    }

    /// <inheritdoc/>
    public static bool Perturb(in NoiseTerms terms, float* plain, int* permutation, float* cipher, byte* message)
    {
        Vector256<float> length = Vector256.Create(terms.Length), norm = Vector256.Create(terms.Norm), scale = Vector256.Create(terms.Scale);
        Vector256<uint> notFinite = Vector256<uint>.Zero;
        int d = terms.Dimension;
        for (int i = 0; i < d; i += 8)
        {
            Vector256<float> m = Avx2.GatherVector256(plain, Vector256.Load(permutation + i), 4);
            if (terms.Scaling)
                m *= scale;
            Vector256<float> c = m + (Vector256.Load(terms.Normals + i) * length / norm);
            Vector256<uint> bits = c.AsUInt32();
            Vector256<uint> special = Vector256.Equals(bits & Vector256.Create(0x7f800000u), Vector256.Create(0x7f800000u));
            if (d - i < 8)
                special &= Vector256.LessThan(Vector256.Create(0, 1, 2, 3, 4, 5, 6, 7), Vector256.Create(d - i)).AsUInt32();
            notFinite |= special;
            c.Store(cipher + i);
            if (message != null)
                Swap(bits).Store((uint*)(message + (4 * i)));
        }

        return notFinite == Vector256<uint>.Zero;
    }

    /// <inheritdoc/>
    public static void Unperturb(in NoiseTerms terms, float* cipher, float* shuffled)
    {
        Vector256<float> length = Vector256.Create(terms.Length), norm = Vector256.Create(terms.Norm), scale = Vector256.Create(terms.Scale);
        for (int i = 0; i < terms.Dimension; i += 8)
        {
            Vector256<float> m = Vector256.Load(cipher + i) - (Vector256.Load(terms.Normals + i) * length / norm);
            if (terms.Scaling)
                m /= scale;
            m.Store(shuffled + i);
        }
    }

    /// <inheritdoc/>
    public static void Gather(float* source, int* index, int dimension, float* destination)
    {
        for (int i = 0; i < dimension; i += 8)
            Avx2.GatherVector256(source, Vector256.Load(index + i), 4).Store(destination + i);
    }

    /// <inheritdoc/>
    public static void BigEndian(float* values, int dimension, byte* destination)
    {
        for (int i = 0; i < dimension; i += 8)
            Swap(Vector256.Load((uint*)(values + i))).Store((uint*)(destination + (4 * i)));
    }

    /// <summary>Four draws' candidates, and their undecided bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint FourCandidates(ulong* draws, double* edges, float* candidates)
    {
        // A strip's outer and inner edge are neighbours: one load brings both. On the processors measured faster than gathering them.
        byte* strips = (byte*)draws;
        Vector256<double> even = Vector128.Load(edges + (nuint)strips[0]).ToVector256Unsafe().WithUpper(Vector128.Load(edges + (nuint)strips[16]));
        Vector256<double> odd = Vector128.Load(edges + (nuint)strips[8]).ToVector256Unsafe().WithUpper(Vector128.Load(edges + (nuint)strips[24]));
        Vector256<double> outer = Avx.UnpackLow(even, odd), inner = Avx.UnpackHigh(even, odd);
        Vector256<double> u = (Vector256.Create(0x4000000000000000ul) | (Vector256.Load(draws) >>> 12)).AsDouble() - Vector256.Create(3.0);
        Vector256<double> x = u * outer;
        Avx.ConvertToVector128Single(x).Store(candidates);
        return Vector256.GreaterThanOrEqual(Vector256.Abs(x), inner).ExtractMostSignificantBits();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Swap(Vector256<uint> words) =>
        Avx2.Shuffle(words.AsByte(), Vector256.Create(Vector128.Create((byte)3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12))).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void QuarterRound(ref Vector256<uint> a, ref Vector256<uint> b, ref Vector256<uint> c, ref Vector256<uint> d)
    {
        a += b;
        d = Avx2.Shuffle((d ^ a).AsByte(), Vector256.Create(Vector128.Create((byte)2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13))).AsUInt32();
        c += d;
        b ^= c;
        b = (b << 12) | (b >>> 20);
        a += b;
        d = Avx2.Shuffle((d ^ a).AsByte(), Vector256.Create(Vector128.Create((byte)3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14))).AsUInt32();
        c += d;
        b ^= c;
        b = (b << 7) | (b >>> 25);
    }

    /// <summary>Stores four words of eight blocks; <paramref name="destination"/> is at the first of the words in block 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreWords(Vector256<uint> w0, Vector256<uint> w1, Vector256<uint> w2, Vector256<uint> w3, uint* destination)
    {
        Vector256<ulong> low01 = Avx2.UnpackLow(w0, w1).AsUInt64(), high01 = Avx2.UnpackHigh(w0, w1).AsUInt64();
        Vector256<ulong> low23 = Avx2.UnpackLow(w2, w3).AsUInt64(), high23 = Avx2.UnpackHigh(w2, w3).AsUInt64();
        Vector256<uint> r0 = Avx2.UnpackLow(low01, low23).AsUInt32(), r1 = Avx2.UnpackHigh(low01, low23).AsUInt32();
        Vector256<uint> r2 = Avx2.UnpackLow(high01, high23).AsUInt32(), r3 = Avx2.UnpackHigh(high01, high23).AsUInt32();
        r0.GetLower().Store(destination);
        r1.GetLower().Store(destination + 16);
        r2.GetLower().Store(destination + 32);
        r3.GetLower().Store(destination + 48);
        r0.GetUpper().Store(destination + 64);
        r1.GetUpper().Store(destination + 80);
        r2.GetUpper().Store(destination + 96);
        r3.GetUpper().Store(destination + 112);
    }
}
