namespace GpuCrypt.Host.Telemetry;

/// <summary>One interval of a histogram log.</summary>
/// <param name="Tag">The name of what was measured, or null.</param>
/// <param name="Start">When the interval began.</param>
/// <param name="Length">How long it was.</param>
/// <param name="Max">The maximum as the line tells it, divided by the writer's unit ratio.</param>
/// <param name="Histogram">The recordings.</param>
public sealed record HistogramLogEntry(string? Tag, DateTimeOffset Start, TimeSpan Length, double Max, HdrHistogram Histogram);
