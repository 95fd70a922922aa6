using GpuCrypt.Host.Benchmark;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Host.Tests.Benchmark;

public sealed class BenchmarkRunTests
{
    private static readonly BenchmarkOptions Options = new()
    {
        Operations = [BatchOperation.EncryptOneWay, BatchOperation.Decrypt],
        Dimensions = [24, 8],
        Batch = 10,
        Time = TimeSpan.FromMilliseconds(30),
    };

    [Fact]
    public void A_figure_is_made_of_slices_that_together_last_as_long_as_asked()
    {
        using var device = new MeddlingDevice();
        using var error = new StringWriter();
        var run = new BenchmarkRun(device, Options, new ProgressReporter(error, "bench", isTerminal: false));
        BenchmarkFigure[] figures = [.. run.Measure(CancellationToken.None)];
        Assert.Equal(run.Count, figures.Length);
        Assert.Equal(
            [(BatchOperation.EncryptOneWay, 24), (BatchOperation.Decrypt, 24), (BatchOperation.EncryptOneWay, 8), (BatchOperation.Decrypt, 8)],
            figures.Select(f => (f.Operation, f.Dimension)));
        Assert.All(figures, figure =>
        {
            Assert.Equal(10, figure.Batch);
            Assert.InRange(figure.Slices, 3, 10);
            Assert.True(figure.Seconds >= Options.Time.TotalSeconds, $"{figure}");
            Assert.InRange(figure.VectorsPerSecond, figure.Lowest, figure.Highest);
            Assert.True(figure.BatchP50 > 0 && figure.BatchP99 >= figure.BatchP50, $"{figure}");
            Assert.Equal(1e9, figure.NanosecondsPerVector * figure.VectorsPerSecond, 1e-3);
            Assert.Equal(figure.VectorsPerSecond * figure.Dimension * 4e-9, figure.GigabytesPerSecond, 1e-9);
        });
        Assert.Equal(0, device.InFlight);
    }

    [Fact]
    public void Few_long_batches_still_make_three_slices()
    {
        using var device = new MeddlingDevice();
        // Longer than all the time there is.
        device.BeforeSubmission = (_, _) => Thread.Sleep(40);
        BenchmarkOptions options = Options with { Operations = [BatchOperation.Encrypt], Dimensions = [8] };
        BenchmarkFigure figure = Assert.Single(new BenchmarkRun(device, options, new ProgressReporter(TextWriter.Null, "bench", false)).Measure(CancellationToken.None));
        Assert.Equal(3, figure.Slices);
    }

    [Fact]
    public void Figures_that_are_there_are_given_before_something_ends_the_run()
    {
        using var device = new MeddlingDevice();
        using var stop = new CancellationTokenSource();
        var run = new BenchmarkRun(device, Options, new ProgressReporter(TextWriter.Null, "bench", false));
        var figures = new List<BenchmarkFigure>();
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (BenchmarkFigure figure in run.Measure(stop.Token))
            {
                figures.Add(figure);
                stop.Cancel();
            }
        });
        Assert.Equal(BatchOperation.EncryptOneWay, Assert.Single(figures).Operation);
    }

    [Fact]
    public void A_device_that_gives_wrong_rows_ends_the_run()
    {
        using var device = new MeddlingDevice { BeforeSubmission = (_, batch) => batch.InputTag(0)[3] ^= 4 };
        var run = new BenchmarkRun(device, Options with { Operations = [BatchOperation.Decrypt] }, new ProgressReporter(TextWriter.Null, "bench", false));
        Assert.Throws<DeviceException>(() => run.Measure(CancellationToken.None).Count());
    }
}
