using System.CommandLine;
using System.Globalization;
using GpuCrypt.Perf.Scaling;

namespace GpuCrypt.Perf.Tests;

public sealed class ScalingCommandTests
{
    [Fact]
    public void Every_number_of_threads_has_a_line_beside_one_thread_and_two_are_held_to_the_budget()
    {
        using var output = new StringWriter { NewLine = "\n" };
        int code = ScalingCommand.Create()
            .Parse(["--device", "cpu:portable", "--threads", "2", "3", "--operation", "rotate", "one-way", "--dimension", "16", "--rows", "40", "--repeats", "3", "--slice", "0.01"])
            .Invoke(new InvocationConfiguration { Output = output });
        Assert.Equal(0, code);
        string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[][] rows = [.. lines.Where(l => l.StartsWith("| 16 |", StringComparison.Ordinal)).Select(l => l.Split('|', StringSplitOptions.TrimEntries)[1..^1])];
        Assert.Equal([("rotate", "1"), ("rotate", "2"), ("rotate", "3"), ("one-way", "1"), ("one-way", "2"), ("one-way", "3")], rows.Select(row => (row[1], row[3])));
        Assert.All(rows, row =>
        {
            Assert.Equal(10, row.Length);
            Assert.Equal("40", row[2]);
            double[] spread = [.. row[7].Split(" to ").Select(cell => double.Parse(cell, CultureInfo.InvariantCulture))];
            Assert.InRange(double.Parse(row[6], CultureInfo.InvariantCulture), spread[0], spread[1]);
            Assert.True(double.Parse(row[4], NumberStyles.Number, CultureInfo.InvariantCulture) > 0);
        });
        Assert.All(rows.Where(row => row[3] == "1"), row => Assert.Equal(("1.00", "1.00 to 1.00"), (row[6], row[7])));
        string lowest = rows.Where(row => row[3] == "2").Select(row => row[6]).Order(StringComparer.Ordinal).First();
        Assert.StartsWith($"Budget: two threads at least 1.9 times one; the lowest found is {lowest}: ", lines[^1], StringComparison.Ordinal);
        Assert.Contains("- Command: dotnet run -c Release --project perf -- scaling --device cpu:portable --threads 1 2 3 --operation rotate one-way --dimension 16 --rows 40 --repeats 3 --slice 0.01", lines);
    }

    [Theory]
    [InlineData("--threads", "0")]
    [InlineData("--threads", "1025")]
    [InlineData("--operation", "encipher")]
    [InlineData("--dimension", "0")]
    [InlineData("--rows", "0")]
    [InlineData("--repeats", "0")]
    [InlineData("--slice", "0")]
    public void Senseless_options_are_refused(string option, string value)
    {
        ParseResult result = ScalingCommand.Create().Parse([option, value]);
        Assert.StartsWith($"{option} is ", Assert.Single(result.Errors).Message, StringComparison.Ordinal);
    }
}
