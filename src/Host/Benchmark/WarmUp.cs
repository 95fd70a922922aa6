namespace GpuCrypt.Host.Benchmark;

/// <summary>
/// Runs a load until it goes at its lasting speed: the runtime compiles what runs often a second and a third time, a tenth of a second
/// after it has seen it, and processors change their clock.
/// </summary>
internal static class WarmUp
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(3);

    // On a machine that others use too, slices never agree to the last percent.
    private const double Agreement = 0.03;

    /// <summary>Runs until two slices, one after the other, agree, but not shorter than 0.4 s nor, unless batches are that long, longer than 3 s.</summary>
    /// <exception cref="Kernels.Devices.DeviceException">The device failed, or a row did.</exception>
    public static void Run(DeviceLoad load, CancellationToken cancellation)
    {
        double total = 0, before = 0;
        while (true)
        {
            LoadSlice slice = load.Measure(Slice, null, cancellation);
            total += slice.Seconds;
            double rate = slice.VectorsPerSecond;
            bool settled = Math.Abs(rate - before) <= Agreement * rate;
            if ((settled && total >= Least.TotalSeconds) || total >= Most.TotalSeconds)
                return;
            before = rate;
        }
    }
}
