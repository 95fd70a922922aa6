using System.Globalization;
using GpuCrypt.Host.Commands;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Host.Benchmark;

/// <summary>A benchmark's figures as a table for people, or as one JSON object a figure for machines.</summary>
internal static class BenchmarkReport
{
    private static readonly string[] Header =
        ["OPERATION", "DIMENSION", "BATCH", "VECTORS/S", "LOWEST", "HIGHEST", "NS/VECTOR", "GB/S", "P50 µs", "P99 µs", "B/VECTOR"];

    /// <summary>Writes machine, device and figures.</summary>
    public static void WriteTable(TextWriter output, Machine machine, DeviceDescription device, BenchmarkOptions options, IReadOnlyList<BenchmarkFigure> figures)
    {
        foreach (string line in machine.Lines())
            output.WriteLine(line);
        string threads = Machine.IsProcessor(device) ? $", {device.Units} {(device.Units == 1 ? "thread" : "threads")}" : "";
        output.WriteLine($"Device: {device.Name}, {device.Detail}{threads}; {DeviceLoad.BatchesInFlight} batches in flight, {Name(options.Ivs)} IVs");
        output.WriteLine();
        List<string[]> rows = [Header];
        foreach (BenchmarkFigure figure in figures)
        {
            rows.Add(
            [
                BenchmarkOperations.Name(figure.Operation),
                Text($"{figure.Dimension}"),
                Text($"{figure.Batch:N0}"),
                Text($"{figure.VectorsPerSecond:N0}"),
                Text($"{figure.Lowest:N0}"),
                Text($"{figure.Highest:N0}"),
                Text($"{figure.NanosecondsPerVector:N0}"),
                Text($"{figure.GigabytesPerSecond:0.000}"),
                Text($"{figure.BatchP50 / 1e3:N0}"),
                Text($"{figure.BatchP99 / 1e3:N0}"),
                Text($"{figure.AllocatedBytesPerVector:0.###}"),
            ]);
        }

        TextTable.Write(output, rows, right: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    }

    /// <summary>Writes one figure, with all that it depends on, so that a line can be kept by itself.</summary>
    public static void WriteJson(TextWriter output, Machine machine, DeviceDescription device, BenchmarkFigure figure) => JsonLine.Write(output, json =>
    {
        json.WriteString("device", device.Name);
        json.WriteString("device_detail", device.Detail);
        json.WriteString("operation", BenchmarkOperations.Name(figure.Operation));
        json.WriteString("iv", figure.Ivs is { } ivs ? Name(ivs) : null);
        json.WriteNumber("dimension", figure.Dimension);
        if (Machine.IsProcessor(device))
            json.WriteNumber("threads", device.Units);
        else
            json.WriteNull("threads");
        json.WriteNumber("batch", figure.Batch);
        json.WriteNumber("batches_in_flight", DeviceLoad.BatchesInFlight);
        json.WriteNumber("vectors_per_second", Math.Round(figure.VectorsPerSecond, 1));
        json.WriteNumber("lowest_vectors_per_second", Math.Round(figure.Lowest, 1));
        json.WriteNumber("highest_vectors_per_second", Math.Round(figure.Highest, 1));
        json.WriteNumber("ns_per_vector", Math.Round(figure.NanosecondsPerVector, 3));
        json.WriteNumber("processor_ns_per_vector", Math.Round(figure.ProcessorNanosecondsPerVector, 3));
        json.WriteNumber("gigabytes_per_second", Math.Round(figure.GigabytesPerSecond, 6));
        json.WriteNumber("batch_p50_us", Math.Round(figure.BatchP50 / 1e3, 3));
        json.WriteNumber("batch_p99_us", Math.Round(figure.BatchP99 / 1e3, 3));
        json.WriteNumber("allocated_bytes_per_vector", Math.Round(figure.AllocatedBytesPerVector, 3));
        json.WriteNumber("seconds", Math.Round(figure.Seconds, 6));
        json.WriteNumber("slices", figure.Slices);
        json.WriteStartObject("machine");
        machine.WriteTo(json);
        json.WriteEndObject();
    });

    private static string Name(IvSource ivs) => ivs == IvSource.Synthetic ? "synthetic" : "random";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
