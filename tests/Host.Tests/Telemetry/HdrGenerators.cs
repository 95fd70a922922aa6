using FsCheck;
using FsCheck.Fluent;
using GpuCrypt.Host.Telemetry;

namespace GpuCrypt.Host.Tests.Telemetry;

/// <summary>Values over the whole dynamic range: every power of two is as likely as any other.</summary>
internal static class HdrGenerators
{
    public static Gen<long> Values(long highest) =>
        from bits in Gen.Choose(0, 64 - (int)long.LeadingZeroCount(highest))
        from high in Gen.Choose(0, int.MaxValue)
        from low in Gen.Choose(0, int.MaxValue)
        let random = ((long)high << 32 | (uint)low) & long.MaxValue
        select Math.Min(bits >= 63 ? random : random & ((1L << bits) - 1), highest);

    public static Gen<HdrLayout> Layouts() =>
        from digits in Gen.Choose(1, 4)
        from unit in Gen.Elements(1L, 1L, 100L, 1000L)
        from highest in Gen.Elements(10_000L, 1_000_000_007L, 3_600_000_000_000L)
        select new HdrLayout(unit, highest, digits);

    public static HdrHistogram Histogram(HdrLayout layout, IEnumerable<long> values)
    {
        var histogram = new HdrHistogram(layout);
        foreach (long value in values)
            histogram.Record(value);

        return histogram;
    }
}
