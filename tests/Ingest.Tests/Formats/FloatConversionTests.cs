using System.Runtime.InteropServices;
using GpuCrypt.Ingest.Formats;

namespace GpuCrypt.Ingest.Tests.Formats;

public sealed class FloatConversionTests
{
    [Fact]
    public void Every_finite_float16_converts_exactly()
    {
        Half[] halves = [.. Enumerable.Range(0, 65536).Select(bits => BitConverter.UInt16BitsToHalf((ushort)bits)).Where(Half.IsFinite)];
        var values = new float[halves.Length];
        Assert.Equal(-1, FloatConversion.ToSingle(FloatType.Float16, false, MemoryMarshal.AsBytes<Half>(halves), values));
        Assert.Equal(halves.Select(half => BitConverter.SingleToUInt32Bits((float)half)), values.Select(BitConverter.SingleToUInt32Bits));
    }

    [Fact]
    public void Every_float16_that_is_not_finite_is_noticed()
    {
        var halves = new Half[64];
        var values = new float[64];
        for (int bits = 0; bits < 65536; bits++)
        {
            Half half = BitConverter.UInt16BitsToHalf((ushort)bits);
            if (Half.IsFinite(half))
                continue;
            int index = bits % 64;
            halves[index] = half;
            Assert.Equal(index, FloatConversion.ToSingle(FloatType.Float16, false, MemoryMarshal.AsBytes<Half>(halves), values));
            halves[index] = Half.Zero;
        }
    }

    [Fact]
    public void Float64_is_rounded_to_nearest_even()
    {
        var random = new Random(20240501);
        var doubles = new double[4096];
        for (int i = 0; i < doubles.Length; i++)
        {
            float near = BitConverter.Int32BitsToSingle(random.Next(0x7f000000));
            // Middles between neighbours, and a little to either side of them.
            double middle = ((double)near + BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(near) + 1)) / 2;
            doubles[i] = (i % 3) switch { 0 => middle, 1 => Math.BitIncrement(middle), _ => -Math.BitDecrement(middle) };
        }

        var values = new float[doubles.Length];
        Assert.Equal(-1, FloatConversion.ToSingle(FloatType.Float64, false, MemoryMarshal.AsBytes<double>(doubles), values));
        Assert.Equal(doubles.Select(value => (float)value), values);
    }

    [Fact]
    public void Sources_at_odd_addresses_convert_too()
    {
        byte[] bytes = new byte[1 + (100 * 8)];
        for (int i = 0; i < 100; i++)
            BitConverter.TryWriteBytes(bytes.AsSpan(1 + (i * 8)), i * 0.5);
        var values = new float[100];
        Assert.Equal(-1, FloatConversion.ToSingle(FloatType.Float64, false, bytes.AsSpan(1), values));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => i * 0.5f), values);
    }

    [Fact]
    public void Values_may_be_subnormal_zero_or_the_largest()
    {
        float[] values = [0f, -0f, float.Epsilon, -float.Epsilon, float.MaxValue, float.MinValue, .. new float[64]];
        Assert.Equal(-1, FloatConversion.FirstNotFinite(values));
        Assert.Equal(-1, FloatConversion.FirstNotFinite([]));
    }
}
