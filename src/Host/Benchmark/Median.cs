namespace GpuCrypt.Host.Benchmark;

/// <summary>The value in the middle: what reports give, since a machine's interruptions only ever make some slices slower.</summary>
internal static class Median
{
    /// <summary>The middle one of the values in order, or the mean of the two in the middle.</summary>
    /// <exception cref="InvalidOperationException">There are no values.</exception>
    public static double Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        if (sorted.Length == 0)
            throw new InvalidOperationException("The median of no values was asked for.");
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
