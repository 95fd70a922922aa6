using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>512-bit vectors: 16 or 32 ChaCha20 blocks, 8 draws and 16 elements at once. Needs AVX-512 F, BW, DQ and VL.</summary>
internal readonly unsafe struct Vector512Kernel : ICpuKernel
{
    /// <inheritdoc/>
    public static int StateSize => 2 * ChaCha20Lanes.StateVectors * 64;

    /// <inheritdoc/>
    public static void StartKeystream(uint* key, void* state)
    {
        Vector512<uint>* first = (Vector512<uint>*)state, second = first + ChaCha20Lanes.StateVectors;
        for (int word = 0; word < 8; word++)
            first[word] = second[word] = Vector512.Create(key[word]);
    }

    /// <inheritdoc/>
    public static int Keystream(void* state, ulong counter, uint* destination, int blocks)
    {
        Vector512<uint>* first = (Vector512<uint>*)state, second = first + ChaCha20Lanes.StateVectors;
        ChaCha20Lanes.SetBlocks(first, counter);
        if (blocks <= ChaCha20Lanes.Count)
        {
            ChaCha20Lanes.Single(first, destination, 16);
            return ChaCha20Lanes.Count;
        }

        ChaCha20Lanes.SetBlocks(second, counter + ChaCha20Lanes.Count);
        ChaCha20Lanes.Pair(first, destination, 16, second, destination + (16 * ChaCha20Lanes.Count), 16);
        return 2 * ChaCha20Lanes.Count;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Candidates(ulong* draws, int count, double* edges, float* candidates, byte* undecided)
    {
        for (int i = 0; i < count; i += 8)
        {
            // A strip's outer and inner edge are neighbours: one load brings both. On the processors measured faster than gathering them.
            byte* strips = (byte*)(draws + i);
            Vector512<double> even = FourEdges(strips, edges).ToVector512Unsafe().WithUpper(FourEdges(strips + 32, edges));
            Vector512<double> odd = FourEdges(strips + 8, edges).ToVector512Unsafe().WithUpper(FourEdges(strips + 40, edges));
            Vector512<double> outer = Avx512F.UnpackLow(even, odd), inner = Avx512F.UnpackHigh(even, odd);
            Vector512<double> u = (Vector512.Create(0x4000000000000000ul) | (Vector512.Load(draws + i) >>> 12)).AsDouble() - Vector512.Create(3.0);
            Vector512<double> x = u * outer;
            Avx512F.ConvertToVector256Single(x).Store(candidates + i);
            undecided[i >> 3] = (byte)Vector512.GreaterThanOrEqual(Vector512.Abs(x), inner).ExtractMostSignificantBits();
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static int Compact(float* values, ulong* kept, int count, float* destination)
    {
        Vector512<uint> bits = Vector512.Create(1u, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768);
        ushort* masks = (ushort*)kept;
        float* next = destination;
        for (int i = 0; i < count; i += 16)
        {
            uint mask = masks[i >> 4];
            Vector512<uint> lanes = Vector512.Equals(Vector512.Create(mask) & bits, bits);
            Avx512F.Compress(Vector512<float>.Zero, lanes.AsSingle(), Vector512.Load(values + i)).Store(next);
            next += BitOperations.PopCount(mask);
        }

        return (int)(next - destination);
    }

    /// <inheritdoc/>
    public static void AddLaneSums(float* values, int count, float* lanes) => Vector256Kernel.AddLaneSums(values, count, lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
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
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
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
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
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
    private static Vector512<float> GatherSixteen(float* source, int* index)
    {
        // Scalar loads: on the processors measured faster than the gather instructions.
        Vector256<float> low = GatherFour(source, index).ToVector256Unsafe().WithUpper(GatherFour(source, index + 4));
        Vector256<float> high = GatherFour(source, index + 8).ToVector256Unsafe().WithUpper(GatherFour(source, index + 12));
        return low.ToVector512Unsafe().WithUpper(high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> GatherFour(float* source, int* index) =>
        Vector128.Create(source[(uint)index[0]], source[(uint)index[1]], source[(uint)index[2]], source[(uint)index[3]]);

    /// <summary>The edges of the strips of draws 0 and 2, a strip's outer and inner edge beside each other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> FourEdges(byte* strips, double* edges) =>
        Vector128.Load(edges + (nuint)strips[0]).ToVector256Unsafe().WithUpper(Vector128.Load(edges + (nuint)strips[16]));

    /// <summary>The bytes of every word in reverse.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<uint> Swap(Vector512<uint> words) => Avx512BW.Shuffle(
        words.AsByte(),
        Vector512.Create(Vector256.Create(Vector128.Create((byte)3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)))).AsUInt32();
}
