using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>256-bit vectors: 8 to 32 ChaCha20 blocks, 4 draws and 8 elements at once. Needs AVX2.</summary>
internal readonly unsafe struct Vector256Kernel : ICpuKernel
{
    /// <inheritdoc/>
    public static int StateSize => ChaCha20Eights.StateSize;

    /// <inheritdoc/>
    public static void StartKeystream(uint* key, void* state) => ChaCha20Eights.Start(key, (Vector256<uint>*)state);

    /// <inheritdoc/>
    public static int Keystream(void* state, ulong counter, uint* destination, int blocks)
    {
        int sets = Math.Min(ChaCha20Eights.MostSets, (blocks + ChaCha20Eights.Count - 1) / ChaCha20Eights.Count);
        ChaCha20Eights.Make((Vector256<uint>*)state, counter, destination, sets);
        return sets * ChaCha20Eights.Count;
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
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static bool Perturb(in NoiseTerms terms, float* plain, int* permutation, float* cipher, byte* message)
    {
        Vector256<float> length = Vector256.Create(terms.Length), norm = Vector256.Create(terms.Norm), scale = Vector256.Create(terms.Scale);
        Vector256<uint> notFinite = Vector256<uint>.Zero;
        int d = terms.Dimension;
        for (int i = 0; i < d; i += 8)
        {
            Vector256<float> m = GatherEight(plain, permutation + i);
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
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
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
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Gather(float* source, int* index, int dimension, float* destination)
    {
        for (int i = 0; i < dimension; i += 8)
            GatherEight(source, index + i).Store(destination + i);
    }

    /// <inheritdoc/>
    public static void BigEndian(float* values, int dimension, byte* destination)
    {
        for (int i = 0; i < dimension; i += 8)
            Swap(Vector256.Load((uint*)(values + i))).Store((uint*)(destination + (4 * i)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> GatherEight(float* source, int* index)
    {
        // Scalar loads: on the processors measured faster than the gather instructions.
        return GatherFour(source, index).ToVector256Unsafe().WithUpper(GatherFour(source, index + 4));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> GatherFour(float* source, int* index) =>
        Vector128.Create(source[(uint)index[0]], source[(uint)index[1]], source[(uint)index[2]], source[(uint)index[3]]);

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
}
