namespace GpuCrypt.Host.Telemetry;

/// <summary>A stage's latencies over the whole run, for a table. All times in nanoseconds, at the histogram's precision; 0 when nothing was recorded.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Count">Recordings.</param>
/// <param name="Mean">The arithmetic mean.</param>
/// <param name="P50">The median.</param>
/// <param name="P90">90 % take at most this.</param>
/// <param name="P99">99 % take at most this.</param>
/// <param name="P999">99.9 % take at most this.</param>
/// <param name="Max">The longest.</param>
/// <param name="ClampedHigh">Recordings that exceeded the histogram's range and were counted at its end.</param>
/// <param name="ClampedLow">Negative recordings, from clocks that disagree; counted at 0.</param>
public sealed record StageSummary(Stage Stage, long Count, double Mean, long P50, long P90, long P99, long P999, long Max, long ClampedHigh, long ClampedLow)
{
    /// <summary>The stage's name.</summary>
    public string Name => Stage.Name();

    /// <summary>Takes the figures from a histogram of nanoseconds.</summary>
    /// <param name="stage">The stage it belongs to.</param>
    /// <param name="histogram">The recordings.</param>
    public static StageSummary Of(Stage stage, HdrHistogram histogram)
    {
        ArgumentNullException.ThrowIfNull(histogram);
        return new StageSummary(
            stage,
            histogram.TotalCount,
            histogram.Mean,
            histogram.ValueAtPercentile(50),
            histogram.ValueAtPercentile(90),
            histogram.ValueAtPercentile(99),
            histogram.ValueAtPercentile(99.9),
            histogram.Max,
            histogram.ClampedHigh,
            histogram.ClampedLow);
    }
}
