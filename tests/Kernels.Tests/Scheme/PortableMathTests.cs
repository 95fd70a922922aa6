using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Tests.Scheme;

public class PortableMathTests
{
    // The framework's are good to well under 1 ulp, so two that are each within 1 ulp of the truth are within 2 of each other; ours
    // are found within 1.
    [Fact]
    public void Exp_is_within_one_ulp_of_the_frameworks_over_the_ziggurats_range()
    {
        var random = new Random(1);
        for (int i = 0; i < 2_000_000; i++)
        {
            double x = -random.NextDouble() * 7.0;
            Assert.True(Ulps(PortableMath.Exp(x), Math.Exp(x)) <= 1, $"exp({x:R})");
        }

        Assert.Equal(1.0, PortableMath.Exp(0.0));
    }

    [Fact]
    public void Log_is_within_one_ulp_of_the_frameworks_over_the_open_unit_interval()
    {
        var random = new Random(2);
        for (int i = 0; i < 2_000_000; i++)
        {
            double x = i % 3 == 0 ? Math.ScaleB(random.NextDouble() + 0.5, -random.Next(52)) : random.NextDouble();
            if (x is <= 0.0 or > 1.0)
                continue;
            Assert.True(Ulps(PortableMath.Log(x), Math.Log(x)) <= 1, $"log({x:R})");
        }

        Assert.Equal(0.0, PortableMath.Log(1.0));
    }

    private static long Ulps(double a, double b) => Math.Abs(BitConverter.DoubleToInt64Bits(a) - BitConverter.DoubleToInt64Bits(b));
}
