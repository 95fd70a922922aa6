using GpuCrypt.Kernels.Devices.Cpu;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Tests.Devices;

public class IvPoolTests
{
    [Fact]
    public void No_IV_is_handed_out_twice_whatever_the_numbers_asked_for()
    {
        using var pool = new IvPool();
        var random = new Random(2);
        var seen = new HashSet<string>();
        int count = 0;
        for (int round = 0; round < 2000; round++)
        {
            byte[] ivs = new byte[Iv.Size * random.Next(40)];
            pool.Fill(ivs);
            foreach (byte[] iv in ivs.Chunk(Iv.Size))
            {
                Assert.True(seen.Add(Convert.ToHexString(iv)));
                count++;
            }
        }

        Assert.True(count > 30_000);
        // Every byte is random: no value of any of them is more frequent than chance allows (ten standard deviations).
        int[] counts = new int[256];
        foreach (byte value in seen.SelectMany(Convert.FromHexString))
            counts[value]++;
        double expected = count * Iv.Size / 256.0;
        Assert.All(counts, found => Assert.InRange(found, expected - (10 * Math.Sqrt(expected)), expected + (10 * Math.Sqrt(expected))));
    }

    [Fact]
    public void What_was_handed_out_is_no_longer_in_the_pool()
    {
        using var pool = new IvPool();
        byte[] iv = new byte[Iv.Size];
        for (int taken = Iv.Size; taken <= IvPool.Size; taken += Iv.Size)
        {
            pool.Fill(iv);
            Assert.False(pool.Bytes[..taken].ContainsAnyExcept((byte)0));
            Assert.Equal(-1, pool.Bytes.IndexOf(iv));
        }

        pool.Fill(iv);
        Assert.True(pool.Bytes[Iv.Size..].ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void A_disposed_pool_hands_nothing_out()
    {
        var pool = new IvPool();
        pool.Fill(new byte[Iv.Size]);
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pool.Fill(new byte[Iv.Size]));
    }
}
