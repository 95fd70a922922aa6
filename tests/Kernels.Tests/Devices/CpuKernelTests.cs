using System.Runtime.InteropServices;
using GpuCrypt.Kernels.Devices.Cpu;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Tests.Devices;

/// <summary>The inner loops of each vector width against the scalar primitives, one by one.</summary>
public unsafe class CpuKernelTests
{
    private const float Sentinel = -12345.5f;

    public static TheoryData<CpuPath> Paths => [.. CpuPaths.Available().Where(p => p is CpuPath.Vector512 or CpuPath.Vector256 or CpuPath.Portable)];

    [Theory]
    [MemberData(nameof(Paths))]
    public void Keystream_equals_scalar_ChaCha20_also_where_the_counter_carries_into_its_high_word(CpuPath path)
    {
        switch (path)
        {
            case CpuPath.Vector512:
                Check<Vector512Kernel>();
                break;
            case CpuPath.Vector256:
                Check<Vector256Kernel>();
                break;
            default:
                Check<PortableKernel>();
                break;
        }

        static void Check<TKernel>()
            where TKernel : ICpuKernel
        {
            uint[] key = [.. Enumerable.Range(0, 8).Select(i => 0x9e3779b9u * (uint)(i + 1))];
            uint[] found = new uint[16 * TKernel.BlocksAtOnce];
            // Every position of the carry among the lanes, at 2^32, further up, and where the counter itself wraps.
            ulong[] bases = [0, 1, 1UL << 32, 7UL << 32, 0xffffffffUL << 32, 0x8000_0000, 0x8000_0000_0000_0000];
            foreach (ulong start in bases)
            {
                for (int back = 0; back <= TKernel.BlocksAtOnce; back++)
                {
                    ulong counter = unchecked(start - (ulong)back);
                    fixed (uint* k = key, destination = found)
                        TKernel.Keystream(k, counter, destination);
                    for (int block = 0; block < TKernel.BlocksAtOnce; block++)
                        Assert.Equal(ScalarBlock(key, unchecked(counter + (ulong)block)), found[(16 * block)..(16 * (block + 1))]);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Fast_normals_equal_the_scalar_ziggurat_to_the_first_slow_draw_and_write_no_further_than_asked(CpuPath path)
    {
        switch (path)
        {
            case CpuPath.Vector512:
                Check<Vector512Kernel>();
                break;
            case CpuPath.Vector256:
                Check<Vector256Kernel>();
                break;
            default:
                Check<PortableKernel>();
                break;
        }

        static void Check<TKernel>()
            where TKernel : ICpuKernel
        {
            var random = new Random(11);
            int stopped = 0;
            for (int round = 0; round < 4000; round++)
            {
                int count = round % 41;
                ulong[] draws = [.. Enumerable.Range(0, count).Select(_ => (ulong)random.NextInt64(long.MinValue, long.MaxValue))];
                if (count > 0 && round % 3 == 0)
                    draws[random.Next(count)] = Awkward(random);
                float[] normals = [.. Enumerable.Repeat(Sentinel, count + 16)];
                int made;
                fixed (ulong* d = draws)
                {
                    fixed (float* n = normals)
                        made = TKernel.FastNormals(d, count, n);
                }

                int expected = 0;
                while (expected < count && TryScalar(draws[expected], out float normal))
                {
                    Assert.Equal(BitConverter.SingleToInt32Bits(normal), BitConverter.SingleToInt32Bits(normals[expected]));
                    expected++;
                }

                Assert.Equal(expected, made);
                Assert.All(normals[count..], value => Assert.Equal(Sentinel, value));
                stopped += made < count ? 1 : 0;
            }

            Assert.InRange(stopped, 1000, 3999);
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_long_stream_of_normals_equals_the_scalar_stream_and_ends_at_the_same_word(CpuPath path)
    {
        switch (path)
        {
            case CpuPath.Vector512:
                Check<Vector512Kernel>();
                break;
            case CpuPath.Vector256:
                Check<Vector256Kernel>();
                break;
            default:
                Check<PortableKernel>();
                break;
        }

        static void Check<TKernel>()
            where TKernel : ICpuKernel
        {
            HostTables tables = default;
            using var keystream = new CpuKeystream<TKernel>();
            // 200,000 normals: about 50 of them from the tail, 3,000 from wedges, and many refills of the buffer.
            foreach (int dimension in (int[])[1, 2, 15, 16, 17, 500, 511, 512, 513, 200_000])
            {
                Digest seed = default;
                seed.H0 = (uint)dimension;
                seed.H7 = 0x01020304;
                RandomStream scalar = RandomStream.FromSeed(ref seed);
                float[] normals = [.. Enumerable.Repeat(Sentinel, (dimension + 15) & ~15)];
                uint word;
                keystream.Start(ref seed);
                float[] sumsOfSquares = new float[8];
                fixed (float* n = normals, sums = sumsOfSquares)
                    word = keystream.Normals(n, dimension, sums);
                for (int i = 0; i < dimension; i++)
                {
                    float expected = (float)Ziggurat.Next(ref scalar, ref tables);
                    if (BitConverter.SingleToInt32Bits(expected) != BitConverter.SingleToInt32Bits(normals[i]))
                        Assert.Fail($"d = {dimension}, element {i}: expected {expected:R}, found {normals[i]:R}");
                }

                Assert.Equal(scalar.Next32(), word);
                Assert.All(normals[dimension..], value => Assert.Equal(0f, value));
            }
        }
    }

    private static uint[] ScalarBlock(uint[] key, ulong counter)
    {
        ChaChaBlock state = default;
        Span<uint> words = MemoryMarshal.CreateSpan(ref state.W0, 16);
        words[0] = ChaCha20.Constant0;
        words[1] = ChaCha20.Constant1;
        words[2] = ChaCha20.Constant2;
        words[3] = ChaCha20.Constant3;
        key.CopyTo(words[4..]);
        words[12] = (uint)counter;
        words[13] = (uint)(counter >> 32);
        ChaCha20.Block(ref state, out ChaChaBlock block);
        return MemoryMarshal.CreateSpan(ref block.W0, 16).ToArray();
    }

    /// <summary>u = -1, u next to 1, u = 0, in the base strip, the last strip, or any.</summary>
    private static ulong Awkward(Random random)
    {
        ulong strip = random.Next(3) switch
        {
            0 => 0,
            1 => 255,
            _ => (ulong)random.Next(256),
        };
        ulong mantissa = random.Next(4) switch
        {
            0 => 0,
            1 => 0xfffffffffffff,
            2 => 0x8000000000000,
            _ => 0x7ffffffffffff,
        };
        return (mantissa << 12) | strip;
    }

    private static bool TryScalar(ulong draw, out float normal)
    {
        int strip = (int)(draw & 0xff);
        double x = Ziggurat.UniformFromBits(draw) * ZigguratTables.X[strip];
        normal = (float)x;
        return Math.Abs(x) < ZigguratTables.X[strip + 1];
    }
}
