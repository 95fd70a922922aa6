using System.Globalization;
using GpuCrypt.Host.Benchmark;
using GpuCrypt.Host.Commands;
using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Perf.Floor;

/// <summary>Figures beside the floor as lines of a table in Markdown, or as JSON.</summary>
internal static class FloorReport
{
    /// <summary>Writes the table's head.</summary>
    public static void WriteHead(TextWriter output)
    {
        output.WriteLine("| d | device | rows | operation | vectors/s | µs a vector | floor, µs | times the floor | lowest to highest | times encrypt |");
        output.WriteLine("|---:|---|---:|---|---:|---:|---:|---:|---:|---:|");
    }

    /// <summary>Writes a figure as a line of the table.</summary>
    public static void WriteLine(TextWriter output, FloorFigure figure) => output.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"| {figure.Dimension} | {figure.Device.Name} | {figure.Rows} | {figure.Name} | {1 / figure.Median:N0} | {figure.Median * 1e6:F2} ")
        + string.Create(CultureInfo.InvariantCulture, $"| {figure.MedianFloor * 1e6:F2} | {figure.TimesFloor:F2} | {figure.Lowest:F2} to {figure.Highest:F2} | {figure.TimesEncrypt:F2} |"));

    /// <summary>Writes a figure, with all that it depends on, as one line of JSON.</summary>
    public static void WriteJson(TextWriter output, FloorFigure figure, FloorOptions options, Machine machine, string openSsl) => JsonLine.Write(output, json =>
    {
        json.WriteString("device", figure.Device.Name);
        json.WriteString("device_detail", figure.Device.Detail);
        json.WriteString("operation", BenchmarkOperations.Name(figure.Operation));
        json.WriteString("iv", figure.Operation == BatchOperation.Decrypt ? null : figure.Ivs == IvSource.Synthetic ? "synthetic" : "random");
        json.WriteNumber("dimension", figure.Dimension);
        json.WriteNumber("rows", figure.Rows);
        json.WriteNumber("vectors_per_second", Math.Round(1 / figure.Median, 1));
        json.WriteNumber("ns_per_vector", Math.Round(figure.Median * 1e9, 3));
        json.WriteNumber("floor_ns_per_vector", Math.Round(figure.MedianFloor * 1e9, 3));
        json.WriteNumber("times_floor", Math.Round(figure.TimesFloor, 4));
        json.WriteNumber("lowest_times_floor", Math.Round(figure.Lowest, 4));
        json.WriteNumber("highest_times_floor", Math.Round(figure.Highest, 4));
        json.WriteNumber("times_encrypt", Math.Round(figure.TimesEncrypt, 4));
        json.WriteNumber("slices", options.Repeats);
        json.WriteNumber("slice_seconds", options.Slice);
        json.WriteString("openssl", openSsl);
        json.WriteStartObject("machine");
        machine.WriteTo(json);
        json.WriteEndObject();
    });
}
