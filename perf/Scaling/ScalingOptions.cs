using System.Globalization;
using GpuCrypt.Host.Benchmark;
using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Perf.Scaling;

/// <summary>What is compared.</summary>
/// <param name="Device">The CPU device's name.</param>
/// <param name="Threads">Numbers of threads in ascending order, the first of them 1.</param>
/// <param name="Operations">What is done.</param>
/// <param name="Dimensions">The elements of a vector.</param>
/// <param name="Rows">Rows of a batch; null for as many as a batch of the service holds.</param>
/// <param name="Repeats">Slices of each figure.</param>
/// <param name="Slice">The time of a slice.</param>
internal sealed record ScalingOptions(
    string Device, IReadOnlyList<int> Threads, IReadOnlyList<BatchOperation> Operations, IReadOnlyList<int> Dimensions, int? Rows, int Repeats, TimeSpan Slice)
{
    /// <summary>The command that compares the same.</summary>
    public string CommandLine => string.Create(
        CultureInfo.InvariantCulture,
        $"dotnet run -c Release --project perf -- {ScalingCommand.Name} --device {Device} --threads {string.Join(' ', Threads)} --operation {string.Join(' ', Operations.Select(BenchmarkOperations.Name))} --dimension {string.Join(' ', Dimensions)}{(Rows is null ? "" : $" --rows {Rows}")} --repeats {Repeats} --slice {Slice.TotalSeconds}");
}
