using GpuCrypt.Host.Telemetry;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Host.Benchmark;

/// <summary>Measures a device, one figure after the other. One run at a time.</summary>
internal sealed class BenchmarkRun
{
    private const int SlicesOfAFigure = 10;
    private const int FewestSlices = 3;

    private readonly IVectorDevice _device;
    private readonly BenchmarkOptions _options;
    private readonly ProgressReporter _progress;

    /// <summary>Prepares a run.</summary>
    /// <param name="device">The device; not disposed.</param>
    /// <param name="options">What is measured.</param>
    /// <param name="progress">Told between slices.</param>
    public BenchmarkRun(IVectorDevice device, BenchmarkOptions options, ProgressReporter progress)
    {
        _device = device;
        _options = options;
        _progress = progress;
    }

    /// <summary>The figures that a run gives.</summary>
    public int Count => _options.Dimensions.Count * _options.Operations.Count;

    /// <summary>Measures, and gives each figure as soon as it is there.</summary>
    /// <param name="cancellation">Ends the run between two batches.</param>
    /// <exception cref="DeviceException">The device failed, or a row did.</exception>
    public IEnumerable<BenchmarkFigure> Measure(CancellationToken cancellation)
    {
        using var keys = new BenchmarkKeys();
        int done = 0;
        foreach (int dimension in _options.Dimensions)
        {
            foreach (BatchOperation operation in _options.Operations)
                yield return Measure(keys, operation, dimension, done++, cancellation);
        }
    }

    private BenchmarkFigure Measure(BenchmarkKeys keys, BatchOperation operation, int dimension, int done, CancellationToken cancellation)
    {
        int rows = _options.Rows(dimension);
        IvSource? ivs = _options.IvsOf(operation);
        using var load = new DeviceLoad(_device, keys, operation, ivs ?? IvSource.Random, dimension, rows);
        Report(0);
        WarmUp.Run(load, cancellation);

        var batchTimes = new HdrHistogram(StageLatencies.DefaultLayout);
        var slices = new List<LoadSlice>(SlicesOfAFigure);
        double seconds = 0;
        while (seconds < _options.Time.TotalSeconds || slices.Count < FewestSlices)
        {
            slices.Add(load.Measure(_options.Time / SlicesOfAFigure, batchTimes, cancellation));
            seconds += slices[^1].Seconds;
            Report(seconds / _options.Time.TotalSeconds);
        }

        double[] rates = [.. slices.Select(s => s.VectorsPerSecond)];
        return new BenchmarkFigure(
            operation,
            ivs,
            dimension,
            rows,
            slices.Count,
            seconds,
            Median.Of(rates),
            rates.Min(),
            rates.Max(),
            Median.Of(slices.Select(s => s.ProcessorNanosecondsPerVector)),
            Median.Of(slices.Select(s => s.AllocatedBytesPerVector)),
            batchTimes.ValueAtPercentile(50),
            batchTimes.ValueAtPercentile(99));

        void Report(double part) => _progress.Report($"{BenchmarkOperations.Name(operation)}, d = {dimension}", (done + Math.Min(1, part)) / Count);
    }
}
