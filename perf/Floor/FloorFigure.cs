using GpuCrypt.Host.Benchmark;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Perf.Floor;

/// <summary>One operation beside the floor. Times are seconds of processor time a vector, one for each slice.</summary>
/// <param name="Device">The device.</param>
/// <param name="Rows">Rows of a batch.</param>
/// <param name="Dimension">The elements of a vector.</param>
/// <param name="Operation">What was done.</param>
/// <param name="Ivs">Where IVs came from.</param>
/// <param name="Seconds">The operation's times.</param>
/// <param name="Floor">OpenSSL's times in the same rounds.</param>
/// <param name="Encrypt">The times of encryption with random IVs in the same rounds.</param>
internal sealed record FloorFigure(DeviceDescription Device, int Rows, int Dimension, BatchOperation Operation, IvSource Ivs, double[] Seconds, double[] Floor, double[] Encrypt)
{
    /// <summary>The operation in a reader's words.</summary>
    public string Name => BenchmarkOperations.Name(Operation) + (Ivs == IvSource.Synthetic ? ", synthetic IV" : "");

    public double Median => Host.Benchmark.Median.Of(Seconds);

    public double MedianFloor => Host.Benchmark.Median.Of(Floor);

    public double TimesFloor => Median / MedianFloor;

    public double TimesEncrypt => Median / Host.Benchmark.Median.Of(Encrypt);

    /// <summary>The lowest ratio of a slice to the floor of its round.</summary>
    public double Lowest => Ratios.Min();

    /// <summary>The highest ratio of a slice to the floor of its round.</summary>
    public double Highest => Ratios.Max();

    private IEnumerable<double> Ratios => Seconds.Zip(Floor, (ours, theirs) => ours / theirs);
}
