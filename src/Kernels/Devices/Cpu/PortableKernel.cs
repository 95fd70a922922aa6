using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>128-bit vectors through the runtime's portable API, which any processor runs: 4 ChaCha20 blocks and 4 elements at once.</summary>
internal readonly unsafe struct PortableKernel : ICpuKernel
{
    /// <inheritdoc/>
    public static int StateSize => 8 * sizeof(uint);

    /// <inheritdoc/>
    public static void StartKeystream(uint* key, void* state) => new ReadOnlySpan<uint>(key, 8).CopyTo(new Span<uint>(state, 8));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Keystream(void* state, ulong counter, uint* destination, int blocks)
    {
        uint* key = (uint*)state;
        // Lane b of every vector belongs to block counter + b.
        Vector128<uint>* x = stackalloc Vector128<uint>[16];
        Vector128<uint>* start = stackalloc Vector128<uint>[16];
        start[0] = Vector128.Create(ChaCha20.Constant0);
        start[1] = Vector128.Create(ChaCha20.Constant1);
        start[2] = Vector128.Create(ChaCha20.Constant2);
        start[3] = Vector128.Create(ChaCha20.Constant3);
        for (int i = 0; i < 8; i++)
            start[4 + i] = Vector128.Create(key[i]);
        start[12] = Vector128.Create((uint)counter) + Vector128.Create(0u, 1, 2, 3);
        start[13] = Vector128.Create((uint)(counter >> 32)) + (Vector128.LessThan(start[12], Vector128.Create((uint)counter)) & Vector128<uint>.One);
        start[14] = Vector128<uint>.Zero;
        start[15] = Vector128<uint>.Zero;
        for (int i = 0; i < 16; i++)
            x[i] = start[i];
        for (int round = 0; round < 20; round += 2)
        {
            QuarterRound(ref x[0], ref x[4], ref x[8], ref x[12]);
            QuarterRound(ref x[1], ref x[5], ref x[9], ref x[13]);
            QuarterRound(ref x[2], ref x[6], ref x[10], ref x[14]);
            QuarterRound(ref x[3], ref x[7], ref x[11], ref x[15]);
            QuarterRound(ref x[0], ref x[5], ref x[10], ref x[15]);
            QuarterRound(ref x[1], ref x[6], ref x[11], ref x[12]);
            QuarterRound(ref x[2], ref x[7], ref x[8], ref x[13]);
            QuarterRound(ref x[3], ref x[4], ref x[9], ref x[14]);
        }

        for (int word = 0; word < 16; word++)
        {
            Vector128<uint> sum = x[word] + start[word];
            for (int block = 0; block < 4; block++)
                destination[(16 * block) + word] = sum[block];
        }

        return 4;
    }

    /// <inheritdoc/>
    public static void Candidates(ulong* draws, int count, double* edges, float* candidates, byte* undecided)
    {
        for (int i = 0; i < count; i += 8)
        {
            uint bits = 0;
            for (int lane = 0; lane < 8; lane++)
            {
                ulong draw = draws[i + lane];
                nuint strip = (byte)draw;
                double x = Ziggurat.UniformFromBits(draw) * edges[strip];
                candidates[i + lane] = (float)x;
                bits |= (Math.Abs(x) < edges[strip + 1] ? 0u : 1u) << lane;
            }

            undecided[i >> 3] = (byte)bits;
        }
    }

    /// <inheritdoc/>
    public static int Compact(float* values, ulong* kept, int count, float* destination)
    {
        int made = 0;
        for (int i = 0; i < count; i++)
        {
            destination[made] = values[i];
            made += (int)(kept[i >> 6] >> i & 1);
        }

        return made;
    }

    /// <inheritdoc/>
    public static void AddLaneSums(float* values, int count, float* lanes)
    {
        Vector128<float> low = Vector128.Load(lanes), high = Vector128.Load(lanes + 4);
        for (int i = 0; i < count; i += 8)
        {
            Vector128<float> a = Vector128.Load(values + i), b = Vector128.Load(values + i + 4);
            low += a * a;
            high += b * b;
        }

        low.Store(lanes);
        high.Store(lanes + 4);
    }

    /// <inheritdoc/>
    public static bool Perturb(in NoiseTerms terms, float* plain, int* permutation, float* cipher, byte* message)
    {
        Vector128<float> length = Vector128.Create(terms.Length), norm = Vector128.Create(terms.Norm), scale = Vector128.Create(terms.Scale);
        bool finite = true;
        int d = terms.Dimension;
        for (int i = 0; i < d; i += 4)
        {
            Vector128<float> m = Vector128.Create(
                plain[permutation[i]], plain[permutation[i + 1]], plain[permutation[i + 2]], plain[permutation[i + 3]]);
            if (terms.Scaling)
                m *= scale;
            Vector128<float> c = m + (Vector128.Load(terms.Normals + i) * length / norm);
            c.Store(cipher + i);
            for (int j = i; j < Math.Min(i + 4, d); j++)
                finite &= float.IsFinite(cipher[j]);
        }

        if (message != null)
            BigEndian(cipher, d, message);
        return finite;
    }

    /// <inheritdoc/>
    public static void Unperturb(in NoiseTerms terms, float* cipher, float* shuffled)
    {
        Vector128<float> length = Vector128.Create(terms.Length), norm = Vector128.Create(terms.Norm), scale = Vector128.Create(terms.Scale);
        for (int i = 0; i < terms.Dimension; i += 4)
        {
            Vector128<float> m = Vector128.Load(cipher + i) - (Vector128.Load(terms.Normals + i) * length / norm);
            if (terms.Scaling)
                m /= scale;
            m.Store(shuffled + i);
        }
    }

    /// <inheritdoc/>
    public static void Gather(float* source, int* index, int dimension, float* destination)
    {
        for (int i = 0; i < dimension; i++)
            destination[i] = source[index[i]];
    }

    /// <inheritdoc/>
    public static void BigEndian(float* values, int dimension, byte* destination)
    {
        if (BitConverter.IsLittleEndian)
            BinaryPrimitives.ReverseEndianness(new ReadOnlySpan<uint>(values, dimension), new Span<uint>(destination, dimension));
        else
            new ReadOnlySpan<byte>(values, 4 * dimension).CopyTo(new Span<byte>(destination, 4 * dimension));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void QuarterRound(ref Vector128<uint> a, ref Vector128<uint> b, ref Vector128<uint> c, ref Vector128<uint> d)
    {
        a += b;
        d ^= a;
        d = (d << 16) | (d >>> 16);
        c += d;
        b ^= c;
        b = (b << 12) | (b >>> 20);
        a += b;
        d ^= a;
        d = (d << 8) | (d >>> 24);
        c += d;
        b ^= c;
        b = (b << 7) | (b >>> 25);
    }
}
