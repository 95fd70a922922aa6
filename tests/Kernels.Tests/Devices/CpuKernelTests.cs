using System.Runtime.InteropServices;
using GpuCrypt.Kernels.Devices.Cpu;
using GpuCrypt.Kernels.Keys;
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
            using var state = new SecretMemory(TKernel.StateSize);
            fixed (uint* k = key)
                TKernel.StartKeystream(k, state.Pointer);
            uint[] found = new uint[16 * 32];
            // Every position of the carry among the lanes, at 2^32, further up, and where the counter itself wraps.
            ulong[] bases = [0, 1, 1UL << 32, 7UL << 32, 0xffffffffUL << 32, 0x8000_0000, 0x8000_0000_0000_0000];
            foreach (int wanted in (int[])[1, 16, 17, 32])
            {
                foreach (ulong start in bases)
                {
                    for (int back = 0; back <= 32; back++)
                    {
                        ulong counter = unchecked(start - (ulong)back);
                        int made;
                        fixed (uint* destination = found)
                            made = TKernel.Keystream(state.Pointer, counter, destination, wanted);
                        Assert.InRange(made, 1, 32);
                        for (int block = 0; block < made; block++)
                            Assert.Equal(ScalarBlock(key, unchecked(counter + (ulong)block)), found[(16 * block)..(16 * (block + 1))]);
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_run_of_draws_gives_the_scalar_normals_and_takes_the_draws_that_they_take(CpuPath path)
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
            using var ziggurat = new ZigguratRun<TKernel>();
            int ranOut = 0, reached = 0;
            for (int round = 0; round < 6000; round++)
            {
                int count = round % 9 == 0 ? random.Next(ZigguratRun<TKernel>.MostDraws + 1) : round % 150;
                ulong[] draws = [.. Enumerable.Range(0, count + 8).Select(_ => (ulong)random.NextInt64(long.MinValue, long.MaxValue))];
                // From no awkward draw to nothing but awkward ones.
                for (int i = random.Next(2) * random.Next(count + 1); i > 0; i--)
                    draws[random.Next(count)] = Awkward(random);
                int wanted = Math.Max(1, count - random.Next(0, 12));
                float[] normals = [.. Enumerable.Repeat(Sentinel, wanted + ZigguratRun<TKernel>.Overrun)];
                int made, used;
                fixed (ulong* d = draws)
                {
                    fixed (float* n = normals)
                        made = ziggurat.Make(d, count, n, wanted, out used);
                }

                int taken = 0;
                for (int i = 0; i < made; i++)
                {
                    Assert.True(TryScalar(draws, count, ref taken, out float normal), $"round {round}: normal {i} of {made} takes more draws than there are");
                    Assert.Equal(BitConverter.SingleToInt32Bits(normal), BitConverter.SingleToInt32Bits(normals[i]));
                }

                if (made == wanted)
                {
                    Assert.Equal(taken, used);
                }
                else
                {
                    // Short of what was wanted only if the next normal takes more draws than there are; attempts rejected may be taken.
                    Assert.InRange(used, taken, count);
                    int rest = taken;
                    Assert.False(TryScalar(draws, count, ref rest, out _));
                    rest = used;
                    Assert.False(TryScalar(draws, count, ref rest, out _));
                }

                (ranOut, reached) = made < wanted ? (ranOut + 1, reached) : (ranOut, reached + 1);
            }

            Assert.InRange(ranOut, 500, 5500);
            Assert.InRange(reached, 500, 5500);
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
            using var ziggurat = new ZigguratRun<TKernel>();
            using var stream = new NormalStream<TKernel>(ziggurat);
            // 200,000 normals: about 50 of them from the tail, 3,000 from wedges, and many refills of the buffer.
            foreach (int dimension in (int[])[1, 2, 15, 16, 17, 500, 511, 512, 513, 200_000])
            {
                Digest seed = default;
                seed.H0 = (uint)dimension;
                seed.H7 = 0x01020304;
                RandomStream scalar = RandomStream.FromSeed(ref seed);
                float[] normals = [.. Enumerable.Repeat(Sentinel, ((dimension + 15) & ~15) + ZigguratRun<TKernel>.Overrun)];
                uint word;
                float sum;
                fixed (float* n = normals)
                {
                    stream.Start(&seed.H0, n, dimension);
                    word = stream.Finish(out sum);
                    float expectedSum = Noise.SumOfSquares(new NativeView<float>(n), dimension);
                    Assert.Equal(BitConverter.SingleToInt32Bits(expectedSum), BitConverter.SingleToInt32Bits(sum));
                }

                for (int i = 0; i < dimension; i++)
                {
                    float expected = (float)Ziggurat.Next(ref scalar, ref tables);
                    if (BitConverter.SingleToInt32Bits(expected) != BitConverter.SingleToInt32Bits(normals[i]))
                        Assert.Fail($"d = {dimension}, element {i}: expected {expected:R}, found {normals[i]:R}");
                }

                Assert.Equal(scalar.Next32(), word);
                Assert.All(normals[dimension..((dimension + 15) & ~15)], value => Assert.Equal(0f, value));
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

    /// <summary>The scheme's normal from draws [taken, count); false when they do not suffice.</summary>
    private static bool TryScalar(ulong[] draws, int count, ref int taken, out float normal)
    {
        HostTables tables = default;
        normal = 0f;
        int next = taken;
        while (next < count)
        {
            ulong draw = draws[next++];
            int strip = (int)(draw & 0xff);
            double u = Ziggurat.UniformFromBits(draw);
            double x = u * ZigguratTables.X[strip];
            normal = (float)x;
            bool made = Math.Abs(x) < ZigguratTables.X[strip + 1];
            while (!made && strip == 0 && next + 2 <= count)
            {
                made = Ziggurat.TryTail(draws[next], draws[next + 1], u, out double tail);
                normal = (float)tail;
                next += 2;
            }

            if (!made && strip == 0)
                return false;
            if (!made)
            {
                if (next == count)
                    return false;
                made = Ziggurat.AcceptWedge(draws[next++], strip, x, ref tables);
            }

            if (made)
            {
                taken = next;
                return true;
            }
        }

        return false;
    }
}
