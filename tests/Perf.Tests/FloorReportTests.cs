using System.CommandLine;
using System.Text.Json;
using GpuCrypt.Host.Benchmark;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Perf.Floor;

namespace GpuCrypt.Perf.Tests;

public sealed class FloorReportTests
{
    private static readonly FloorOptions Options = new(["cpu"], [64], [384], 3, 0.25);

    [Fact]
    public void Figures_are_medians_and_the_spread_is_that_of_the_ratios()
    {
        FloorFigure figure = FloorFigures.Figure();
        Assert.Equal((3e-6, 2e-6), (figure.Median, figure.MedianFloor));
        Assert.Equal(1.5, figure.TimesFloor, 1e-12);
        Assert.Equal(3, figure.TimesEncrypt, 1e-12);
        Assert.Equal(1, figure.Lowest, 1e-12);
        Assert.Equal(3.5, figure.Highest, 1e-12);
    }

    [Fact]
    public void A_line_of_the_table_has_a_cell_for_each_column()
    {
        using var output = new StringWriter { NewLine = "\n" };
        FloorReport.WriteHead(output);
        FloorReport.WriteLine(output, FloorFigures.Figure(ivs: IvSource.Synthetic));
        string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("| 384 | cpu<&>\" | 64 | encrypt, synthetic IV | 333,333 | 3.00 | 2.00 | 1.50 | 1.00 to 3.50 | 3.00 |", lines[2]);
        Assert.All(lines, line => Assert.Equal(lines[0].Count(c => c == '|'), line.Count(c => c == '|')));
    }

    [Theory]
    [InlineData(BatchOperation.Encrypt, IvSource.Random, "encrypt", "random")]
    [InlineData(BatchOperation.Encrypt, IvSource.Synthetic, "encrypt", "synthetic")]
    [InlineData(BatchOperation.Decrypt, IvSource.Random, "decrypt", null)]
    public void Json_is_one_object_a_line(BatchOperation operation, IvSource ivs, string name, string? iv)
    {
        using var output = new StringWriter { NewLine = "\n" };
        FloorReport.WriteJson(output, FloorFigures.Figure(operation: operation, ivs: ivs), Options, Machine.Read(), "OpenSSL 3");
        Assert.Equal(output.ToString().Length - 1, output.ToString().IndexOf('\n', StringComparison.Ordinal));
        using JsonDocument document = JsonDocument.Parse(output.ToString());
        JsonElement line = document.RootElement;
        Assert.Equal(
            [
                "device", "device_detail", "operation", "iv", "dimension", "rows", "vectors_per_second", "ns_per_vector", "floor_ns_per_vector", "times_floor",
                "lowest_times_floor", "highest_times_floor", "times_encrypt", "slices", "slice_seconds", "openssl", "machine",
            ],
            line.EnumerateObject().Select(p => p.Name));
        Assert.Equal((FloorFigures.Device.Name, name, iv), (line.GetProperty("device").GetString(), line.GetProperty("operation").GetString(), line.GetProperty("iv").GetString()));
        Assert.Equal((384, 64, 3), (line.GetProperty("dimension").GetInt32(), line.GetProperty("rows").GetInt32(), line.GetProperty("slices").GetInt32()));
        Assert.Equal((3000, 2000, 1.5, 3.5), (line.GetProperty("ns_per_vector").GetDouble(), line.GetProperty("floor_ns_per_vector").GetDouble(), line.GetProperty("times_floor").GetDouble(), line.GetProperty("highest_times_floor").GetDouble()));
        Assert.Equal(Environment.ProcessorCount, line.GetProperty("machine").GetProperty("cores").GetInt32());
    }

    [Fact]
    public void The_command_can_be_given_again() => Assert.Equal(
        "dotnet run -c Release --project perf -- floor --device cpu cpu:portable --rows 1 64 --repeats 3 --slice 0.25 --dimension 384",
        (Options with { Devices = ["cpu", "cpu:portable"], Rows = [1, 64] }).CommandLine);

    [Theory]
    [InlineData("--rows", "1", "0")]
    [InlineData("--rows", "many")]
    [InlineData("--dimension", "0")]
    [InlineData("--repeats", "0")]
    [InlineData("--slice", "NaN")]
    [InlineData("--chart", "/nonexistent/folder/chart.svg")]
    public void Senseless_options_are_refused(params string[] arguments)
    {
        ParseResult result = FloorCommand.Create().Parse(arguments);
        Assert.Contains(result.Errors, error => error.Message.StartsWith($"{arguments[0]} is ", StringComparison.Ordinal));
    }

    [Fact]
    public void Devices_rows_and_dimensions_may_be_given_several_times() =>
        Assert.Empty(FloorCommand.Create().Parse(["--device", "cpu", "--device", "cpu:portable", "--rows", "1", "4", "--rows", "64", "--dimension", "384", "768", "--chart", "chart.svg", "--json"]).Errors);
}
