using GpuCrypt.Host.Service.Configuration;
using static GpuCrypt.Host.Tests.Service.SettingsFixture;

namespace GpuCrypt.Host.Tests.Service;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("15", 15)]
    [InlineData("0.5", 0.5)]
    [InlineData("\"5ms\"", 5)]
    [InlineData("\"5 ms\"", 5)]
    [InlineData("\"0.25ms\"", 0.25)]
    [InlineData("\"2s\"", 2000)]
    [InlineData("\"1.5s\"", 1500)]
    [InlineData("\"1m\"", 60_000)]
    public void Times_are_milliseconds_or_have_a_unit(string text, double milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Parse(With($"\"batch\": {{ \"linger\": {text} }}")).Batch.Linger);

    [Theory]
    [InlineData("\"5\"")]
    [InlineData("\"ms\"")]
    [InlineData("\"5MS\"")]
    [InlineData("\"5 minutes\"")]
    [InlineData("\"-5ms\"")]
    [InlineData("\"5e1ms\"")]
    [InlineData("\"1,5s\"")]
    [InlineData("\"1.2.3s\"")]
    [InlineData("\"60001ms\"")]
    [InlineData("\"79228162514264337593543950335h\"")]
    [InlineData("\"792281625142643375935439503351ms\"")]
    [InlineData("1e3")]
    [InlineData("-1")]
    [InlineData("60001")]
    [InlineData("true")]
    public void Times_that_are_none_or_too_long_are_refused(string text) =>
        Assert.Contains("batch.linger: expected a time from 0ms to 1m", Assert.Single(Problems(With($"\"batch\": {{ \"linger\": {text} }}"))), StringComparison.Ordinal);

    [Theory]
    [InlineData("4194304", 4 << 20)]
    [InlineData("\"4MiB\"", 4 << 20)]
    [InlineData("\"2.5 MiB\"", 5 << 19)]
    [InlineData("\"8192KiB\"", 8 << 20)]
    [InlineData("\"1GiB\"", 1 << 30)]
    [InlineData("\"3000000B\"", 3_000_000)]
    public void Sizes_are_bytes_or_have_a_unit(string text, int bytes) => Assert.Equal(bytes, Parse(With($"\"batch\": {{ \"bytes\": {text} }}")).Batch.Bytes);

    [Theory]
    [InlineData("\"4MB\"")]
    [InlineData("\"4M\"")]
    [InlineData("\"4194304\"")]
    [InlineData("\"2GiB\"")]
    [InlineData("4194304.5")]
    [InlineData("\"65535B\"")]
    public void Sizes_that_are_none_or_out_of_range_are_refused(string text) =>
        Assert.Contains("batch.bytes: expected a size from 64KiB to 1GiB", Assert.Single(Problems(With($"\"batch\": {{ \"bytes\": {text} }}"))), StringComparison.Ordinal);

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("abc", "abc", 0)]
    [InlineData("abc", "", 3)]
    [InlineData("", "abc", 3)]
    [InlineData("linger", "ligner", 1)]
    [InlineData("linger", "linge", 1)]
    [InlineData("linger", "lingers", 1)]
    [InlineData("linger", "longer", 1)]
    [InlineData("kitten", "sitting", 3)]
    public void The_distance_of_names_counts_letters_changed(string a, string b, int distance)
    {
        Assert.Equal(distance, NearestName.Distance(a, b));
        Assert.Equal(distance, NearestName.Distance(b, a));
    }
}
