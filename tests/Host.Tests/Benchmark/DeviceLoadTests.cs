using GpuCrypt.Host.Benchmark;
using GpuCrypt.Host.Telemetry;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Host.Tests.Benchmark;

public sealed class DeviceLoadTests : IDisposable
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(20);

    private readonly BenchmarkKeys _keys = new();
    private readonly MeddlingDevice _device = new();

    public void Dispose()
    {
        _device.Dispose();
        _keys.Dispose();
    }

    [Fact]
    public void A_slice_counts_what_was_done_in_it_and_leaves_the_device_idle()
    {
        using DeviceLoad load = Load(BatchOperation.Encrypt, rows: 24);
        var times = new HdrHistogram(StageLatencies.DefaultLayout);
        LoadSlice slice = load.Measure(Short, times, CancellationToken.None);
        Assert.Equal(_device.RowsSubmitted, slice.VectorsRun);
        // One batch before the clock starts, and those that are on the way when it stops.
        Assert.Equal(_device.RowsSubmitted - (24 * DeviceLoad.BatchesInFlight), slice.Vectors);
        Assert.Equal(slice.Vectors, 24 * times.TotalCount);
        Assert.True(slice.Seconds >= Short.TotalSeconds, $"{slice.Seconds} s");
        Assert.InRange(times.ValueAtPercentile(50), 1, 1_000_000_000);
        Assert.Equal((0, DeviceLoad.BatchesInFlight), (_device.InFlight, _device.MostInFlight));
        Assert.Equal(slice.Vectors / slice.Seconds, slice.VectorsPerSecond);
        Assert.True(slice.ProcessorNanosecondsPerVector > 0);
    }

    [Fact]
    public void A_slice_is_at_least_one_batch()
    {
        using DeviceLoad load = Load(BatchOperation.Decrypt, rows: 3);
        LoadSlice slice = load.Measure(TimeSpan.FromTicks(1), null, CancellationToken.None);
        Assert.True(slice.Vectors >= 3 && slice.Seconds > 0, $"{slice}");
        // A load measures again and again.
        Assert.True(load.Measure(TimeSpan.FromTicks(1), null, CancellationToken.None).Vectors >= 3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(DeviceLoad.BatchesInFlight + 7)]
    public void A_row_that_fails_in_any_batch_ends_the_measurement(int submission)
    {
        using DeviceLoad load = Load(BatchOperation.Decrypt, rows: 5);
        _device.BeforeSubmission = (number, batch) =>
        {
            if (number == submission)
                batch.InputTag(4)[0] ^= 1;
        };
        DeviceException error = Assert.Throws<DeviceException>(() => load.Measure(TimeSpan.FromSeconds(30), null, CancellationToken.None));
        Assert.Equal(
            "device cpu:portable: decrypt of row 4 of 5, dimension 40: expected status Ok, found BadTag; check the device with 'gpucrypt selftest --device cpu:portable'",
            error.Message);
    }

    [Fact]
    public void Rows_are_checked_in_the_batches_that_are_on_the_way_at_the_end_too()
    {
        using DeviceLoad load = Load(BatchOperation.Encrypt, rows: 5);
        _device.BeforeSubmission = (number, batch) =>
        {
            // The shortest slice submits one batch more than are on the way at once.
            if (number == DeviceLoad.BatchesInFlight + 1)
                batch.Input(0)[0] = float.NaN;
        };
        DeviceException error = Assert.Throws<DeviceException>(() => load.Measure(TimeSpan.FromTicks(1), null, CancellationToken.None));
        Assert.Contains("encrypt of row 0 of 5, dimension 40: expected status Ok, found Overflow", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_measurement_ends_when_it_is_told_to()
    {
        using DeviceLoad load = Load(BatchOperation.Rotate, rows: 5);
        using var stop = new CancellationTokenSource();
        _device.BeforeSubmission = (number, _) =>
        {
            if (number == 10)
                stop.Cancel();
        };
        Assert.Throws<OperationCanceledException>(() => load.Measure(TimeSpan.FromSeconds(30), null, stop.Token));
        Assert.Equal(10, _device.Submissions);
    }

    [Theory]
    [InlineData("encrypt", IvSource.Synthetic)]
    [InlineData("encrypt", IvSource.Random)]
    [InlineData("decrypt", IvSource.Random)]
    [InlineData("rotate", IvSource.Synthetic)]
    [InlineData("one-way", IvSource.Random)]
    public void Every_operation_succeeds_on_every_device_at_every_dimension(string operation, IvSource ivs)
    {
        foreach (DeviceDescription description in DeviceCatalog.List())
        {
            using IVectorDevice device = DeviceCatalog.Open(description.Name);
            foreach (int dimension in (int[])[1, 16, 333])
            {
                using var load = new DeviceLoad(device, _keys, BenchmarkOperations.Parse(operation), ivs, dimension, 7);
                Assert.True(load.Measure(TimeSpan.FromTicks(1), null, CancellationToken.None).Vectors >= 7);
            }
        }
    }

    private DeviceLoad Load(BatchOperation operation, int rows) => new(_device, _keys, operation, IvSource.Random, 40, rows);
}
