using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace GpuCrypt.Perf.Suites;

/// <summary>Rows of a batch by the mean time of one run.</summary>
internal sealed class VectorsPerSecondColumn : IColumn
{
    public string Id => nameof(VectorsPerSecondColumn);

    public string ColumnName => "Vectors/s";

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string Legend => "Vectors a second";

    public bool IsAvailable(Summary summary) => summary.BenchmarksCases.Any(b => Rows(b) is not null);

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) => GetValue(summary, benchmarkCase, summary.Style);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) =>
        Rows(benchmarkCase) is int rows && summary[benchmarkCase]?.ResultStatistics is { } statistics ? $"{rows * 1e9 / statistics.Mean:N0}" : "-";

    private static object? Rows(BenchmarkCase benchmarkCase) =>
        benchmarkCase.Parameters.Items.FirstOrDefault(p => p.Name == nameof(DeviceBenchmarks.Rows))?.Value;
}
