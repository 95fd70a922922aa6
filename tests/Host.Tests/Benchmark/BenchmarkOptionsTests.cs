using GpuCrypt.Host.Benchmark;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Host.Tests.Benchmark;

public sealed class BenchmarkOptionsTests
{
    private static readonly DeviceDescription Card = new("cuda:0", "cuda", "NVIDIA Something", "driver 1.2", 100, true);

    [Theory]
    [InlineData(384, 2730)]
    [InlineData(1536, 682)]
    [InlineData(1, 8192)]
    [InlineData(1 << 20, 1)]
    [InlineData((1 << 20) + 1, 1)]
    [InlineData(VectorBatch.MaximumDimension, 1)]
    public void A_batch_is_as_large_as_one_of_the_service_and_never_empty(int dimension, int rows)
    {
        Assert.Equal(rows, new BenchmarkOptions().Rows(dimension));
        Assert.Equal(77, new BenchmarkOptions { Batch = 77 }.Rows(dimension));
    }

    [Fact]
    public void Batches_take_at_most_half_of_the_memory()
    {
        var options = new BenchmarkOptions { Dimensions = [384, 1000], Batch = 1000 };
        // Inputs and outputs of 1,008 elements each, padding included.
        long needed = DeviceLoad.BatchesInFlight * 2 * 4 * 1008L * 1000;
        options.CheckMemory(2 * needed);
        var error = Assert.Throws<CommandFailedException>(() => options.CheckMemory((2 * needed) - 2));
        Assert.Equal(ExitCodes.Usage, error.ExitCode);
        Assert.StartsWith("--batch 1000 at dimension 1000: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_holds_no_more_elements_than_it_can_count()
    {
        var options = new BenchmarkOptions { Dimensions = [VectorBatch.MaximumDimension], Batch = 32 };
        var error = Assert.Throws<CommandFailedException>(() => options.CheckMemory(long.MaxValue));
        Assert.Contains("at most 2^31 elements", error.Message, StringComparison.Ordinal);
        (options with { Batch = 31 }).CheckMemory(long.MaxValue);
    }

    [Fact]
    public void Threads_are_refused_where_the_device_has_none()
    {
        var error = Assert.Throws<CommandFailedException>(() => new BenchmarkOptions { Threads = 1 }.CheckThreads(Card));
        Assert.Equal((ExitCodes.Usage, "--threads is for CPU devices, and cuda:0 is a device of kind cuda: leave it out."), (error.ExitCode, error.Message));
        new BenchmarkOptions().CheckThreads(Card);
        new BenchmarkOptions { Threads = 1 }.CheckThreads(DeviceCatalog.List()[0]);
    }

    [Fact]
    public void Synthetic_ivs_are_for_operations_that_can_have_them()
    {
        var options = new BenchmarkOptions { Ivs = IvSource.Synthetic };
        Assert.Equal([IvSource.Synthetic, null, IvSource.Synthetic, IvSource.Random], BenchmarkOperations.All.Select(options.IvsOf));
        options.CheckIvs();
        Assert.Throws<CommandFailedException>((options with { Operations = [BatchOperation.Decrypt, BatchOperation.EncryptOneWay] }).CheckIvs);
        (options with { Operations = [BatchOperation.Decrypt], Ivs = IvSource.Random }).CheckIvs();
    }

    [Fact]
    public void Names_and_operations_are_one_to_one()
    {
        Assert.Equal(Enum.GetValues<BatchOperation>().Order(), BenchmarkOperations.All.Order());
        Assert.Equal(["encrypt", "decrypt", "rotate", "one-way"], BenchmarkOperations.Names);
        Assert.Equal(BenchmarkOperations.All, BenchmarkOperations.Names.Select(BenchmarkOperations.Parse));
    }

    [Fact]
    public void The_machine_has_a_card_when_a_card_is_measured()
    {
        Assert.Equal(("NVIDIA Something", "driver 1.2"), (Machine.Read(Card).Gpu, Machine.Read(Card).Driver));
        Assert.Contains("GPU: NVIDIA Something, driver 1.2", Machine.Read(Card).Lines());
        Machine processor = Machine.Read(DeviceCatalog.List()[0]);
        Assert.Equal(((string?)null, (string?)null, DeviceCatalog.List()[0].Hardware), (processor.Gpu, processor.Driver, processor.Processor));
        Assert.DoesNotContain(processor.Lines(), line => line.StartsWith("GPU", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(new[] { 3.0 }, 3)]
    [InlineData(new[] { 9.0, 1, 2 }, 2)]
    [InlineData(new[] { 4.0, 1, 9, 2 }, 3)]
    public void The_median_is_the_value_in_the_middle(double[] values, double median) => Assert.Equal(median, Median.Of(values));
}
