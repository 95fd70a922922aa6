using System.Runtime.InteropServices;
using System.Security.Cryptography;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Tests.Scheme;

public class ZigguratTests
{
    [Fact]
    public void Tables_have_the_documented_hashes()
    {
        Assert.Equal("7bc388aa829fd6869fb9b705f4b6d2879d0b220b3bc1cb7e7c1a4d1bfb0dfbb2", Hash(ZigguratTables.X));
        Assert.Equal("cbce58dfa577bcd3c28186b603071fcf3bdbea24c32db14811133312ce7697f9", Hash(ZigguratTables.F));

        static string Hash(ReadOnlySpan<double> table) => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(table)));
    }

    [Fact]
    public void Draws_are_standard_normal_by_their_moments_and_tails()
    {
        const int Count = 4_000_000;
        Digest seed = default;
        seed.H0 = 42;
        RandomStream stream = RandomStream.FromSeed(ref seed);
        HostTables tables = default;
        double sum = 0, squares = 0, fourths = 0;
        int beyondR = 0, beyond1 = 0;
        for (int i = 0; i < Count; i++)
        {
            double x = Ziggurat.Next(ref stream, ref tables);
            sum += x;
            squares += x * x;
            fourths += x * x * x * x;
            if (Math.Abs(x) > ZigguratTables.TailStart)
                beyondR++;
            if (Math.Abs(x) > 1.0)
                beyond1++;
        }

        // Bounds are five standard errors.
        Assert.InRange(sum / Count, -5.0 / Math.Sqrt(Count), 5.0 / Math.Sqrt(Count));
        Assert.InRange(squares / Count, 1 - (5 * Math.Sqrt(2.0 / Count)), 1 + (5 * Math.Sqrt(2.0 / Count)));
        Assert.InRange(fourths / Count, 3 - (5 * Math.Sqrt(96.0 / Count)), 3 + (5 * Math.Sqrt(96.0 / Count)));
        AssertShare(beyondR, 2.5806e-4);
        AssertShare(beyond1, 0.317310508);

        static void AssertShare(int found, double p) =>
            Assert.InRange(found, (Count * p) - (5 * Math.Sqrt(Count * p)), (Count * p) + (5 * Math.Sqrt(Count * p)));
    }
}
