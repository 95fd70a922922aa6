using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Versioning;
using GpuCrypt.Kernels.Devices.Cpu;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Perf.Stages;

/// <summary>The stages of an encryption on AVX-512, with random draws and a random shuffle.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe class EncryptionStages
{
    private const int Blocks = ChaCha20Lanes.Count;

    /// <summary>The stages in their order. What they work on is kept for the process's life.</summary>
    public static List<Stage> Of(InstructionTimes times, int dimension)
    {
        List<Stage> stages = [];
        int padded = (dimension + 15) & ~15;
        var random = new Random(1);
        uint* words = Allocate<uint>(16 * 2 * Blocks);
        ulong* draws = Allocate<ulong>(padded);
        random.NextBytes(new Span<byte>(draws, 8 * padded));
        float* values = Allocate<float>(padded + 16), normals = Allocate<float>(padded + 16), plain = Allocate<float>(padded), cipher = Allocate<float>(padded);
        ulong* bits = Allocate<ulong>((padded / 64) + 1);
        int* order = Allocate<int>(padded);
        int[] shuffle = [.. Enumerable.Range(0, dimension)];
        random.Shuffle(shuffle);
        shuffle.CopyTo(new Span<int>(order, padded));
        for (int i = 0; i < padded; i++)
            (plain[i], normals[i]) = (random.NextSingle(), random.NextSingle() + 0.1f);
        Vector512<uint>* state = Allocate<Vector512<uint>>(2 * ChaCha20Lanes.StateVectors), hash = Allocate<Vector512<uint>>(8), block = Allocate<Vector512<uint>>(16);
        uint** rows = (uint**)Allocate<nint>(16);
        for (int row = 0; row < 16; row++)
            rows[row] = words + (16 * row);

        double keystream = NormalStream<Vector512Kernel>.BlocksFor(dimension) / (2.0 * Blocks);
        // Two sets of ten double rounds of eight quarter-rounds of four additions, exclusive ors and rotations; the sums at the end; 64 shuffles a set.
        double roundOperations = 2 * 10 * 8 * 4;
        stages.Add(new Stage(
            "keystream (ChaCha20)", "32 blocks", keystream, 1,
            Math.Max((((2 * roundOperations) + 28 + 128) * times.Add.Throughput) + (roundOperations * times.Add.Throughput), roundOperations * times.Rotate.Throughput),
            20 * 4 * ((2 * times.Add.Latency) + times.Rotate.Latency),
            () => ChaCha20Lanes.Pair(state, words, 16, state + ChaCha20Lanes.StateVectors, words + (16 * Blocks), 16)));

        double* edges = HostTables.Edges;
        stages.Add(new Stage(
            // A load for each draw's edges and one for the draws.
            "candidates (ziggurat)", "8 draws", (dimension + (dimension / 48) + 12) / 8.0, padded / 8.0, 9 * times.Load, 0,
            () => Vector512Kernel.Candidates(draws, padded, edges, values, (byte*)bits)));

        ulong* kept = Allocate<ulong>((padded / 64) + 1);
        for (int i = 0; i < padded; i++)
            kept[i >> 6] |= random.Next(64) == 0 ? 0 : 1ul << i;
        stages.Add(new Stage(
            "gaps closed", "16 draws", (dimension + (dimension / 48) + 12) / 16.0, padded / 16.0, 0, 0, () => Vector512Kernel.Compact(values, kept, padded, cipher)));

        float* lanes = Allocate<float>(16);
        stages.Add(new Stage(
            "sum of squares", "8 elements", dimension / 8.0, padded / 8.0, 0, times.Add.Latency,
            () => Vector512Kernel.AddLaneSums(normals, padded, lanes)));

        stages.Add(new Stage(
            // A load for each element, which a vector instruction does, and one for the normals; the indexes' loads are the integer units'.
            "shuffle, scale, add", "16 elements", padded / 16.0, padded / 16.0, 17 * times.Load, 0,
            () =>
            {
                var terms = new NoiseTerms { Normals = normals, Dimension = dimension, Length = 2.5f, Norm = 39f, Scale = 1234567f, Scaling = true };
                _ = Vector512Kernel.Perturb(in terms, plain, order, cipher, null);
            }));

        // The tag's blocks and its outer hash, the seed's two.
        double blocks = ((((5 + dimension) * 4) + 9 + 63) / 64) + 1 + 2;
        stages.Add(new Stage(
            "rows turned into lanes", "16 rows of 16 words", blocks / 16, 1, 64 * times.Add.Throughput, 0, () => Sha256Lanes.Transpose(rows, 0, block)));

        // 64 rounds: nine additions, six rotations, four functions of three operands; 48 words of schedule: three, six and two.
        double additions = (64 * 9) + (48 * 3) + 8, rotations = (64 * 6) + (48 * 6), ternaries = (64 * 4) + (48 * 2);
        stages.Add(new Stage(
            "tag and seed (SHA-256)", "16 blocks", blocks / 16, 1,
            Math.Max((additions + rotations + ternaries) * times.Add.Throughput, rotations * times.Rotate.Throughput),
            64 * (times.Rotate.Latency + times.Ternary.Latency + times.Add.Latency),
            () => Sha256Lanes.Compress(hash, block)));
        return stages;
    }

    private static T* Allocate<T>(int count)
        where T : unmanaged
    {
        nuint size = (nuint)(count * sizeof(T));
        void* memory = NativeMemory.AlignedAlloc(size, 64);
        NativeMemory.Clear(memory, size);
        return (T*)memory;
    }
}
