using System.Diagnostics;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;
using GpuCrypt.Kernels.Keys;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Tests.Devices;

/// <summary>Batches handed over, taken back and handed over again at once, in every way that callers may mix.</summary>
public class CpuReuseTests
{
    private const int MaximumRows = 600;
    private const int Dimension = 5;

    [Fact]
    public void Batches_reused_at_once_by_Submit_and_Run_on_two_devices_do_each_row_once_and_right()
    {
        using IVectorDevice first = DeviceCatalog.Open("cpu", 3), second = DeviceCatalog.Open("cpu:portable", 2);
        IVectorDevice[] devices = [first, second];
        using VectorKey key = TestKeys.Derive();
        byte[][] tags = Expected(key);
        long encrypted = 0;
        var clock = Stopwatch.StartNew();
        // More threads than cores: workers are interrupted in the middle of leaving a run.
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, caller =>
        {
            var random = new Random(caller);
            VectorBatch[] ring = [.. Enumerable.Range(0, 2).Select(_ => new VectorBatch(MaximumRows, MaximumRows * 16) { IvSource = IvSource.Given })];
            while (clock.Elapsed < TimeSpan.FromSeconds(2))
            {
                foreach (VectorBatch batch in ring)
                {
                    IVectorDevice device = devices[random.Next(2)];
                    batch.Clear();
                    int rows = random.Next(4) == 0 ? random.Next(3) : random.Next(MaximumRows + 1);
                    for (int row = 0; row < rows; row++)
                        Fill(batch, row, key);
                    if (random.Next(2) == 0)
                        device.Run(batch, BatchOperation.Encrypt);
                    else
                        device.Submit(batch, BatchOperation.Encrypt);
                    Interlocked.Add(ref encrypted, rows);
                }

                foreach (VectorBatch batch in ring)
                {
                    // The batch knows where it is: any device may be asked to wait for it.
                    devices[random.Next(2)].Wait(batch);
                    for (int row = 0; row < batch.Rows; row++)
                    {
                        Assert.Equal(RowStatus.Ok, batch.Status(row));
                        Assert.True(batch.OutputTag(row).SequenceEqual(tags[row]));
                    }
                }
            }

            foreach (VectorBatch batch in ring)
                batch.Dispose();
        });
        Assert.True(encrypted > 10_000);
        Assert.Equal(encrypted + MaximumRows, key.Encryptions);
    }

    [Fact]
    public void A_batch_that_is_with_a_device_is_refused_until_it_is_back()
    {
        using IVectorDevice device = DeviceCatalog.Open("cpu:scalar", 1);
        using VectorKey key = TestKeys.Derive();
        using var batch = new VectorBatch(100, 100 * 4096);
        for (int row = 0; row < 100; row++)
        {
            batch.TryAddRow(4096, batch.Keys.Add(key), out _);
            batch.Input(row).Clear();
        }

        device.Submit(batch, BatchOperation.Encrypt);
        Assert.Throws<InvalidOperationException>(() => device.Submit(batch, BatchOperation.Encrypt));
        device.Wait(batch);
        device.Run(batch, BatchOperation.Encrypt);
        Assert.Equal(200, key.Encryptions);
    }

    [Fact]
    public async Task A_batch_that_a_disposed_device_refused_can_be_waited_for_and_run_elsewhere()
    {
        using IVectorDevice gone = DeviceCatalog.Open("cpu", 2), other = DeviceCatalog.Open("cpu", 2);
        using VectorKey key = TestKeys.Derive();
        using var batch = new VectorBatch(MaximumRows, MaximumRows * 16);
        for (int row = 0; row < MaximumRows; row++)
            Fill(batch, row, key);
        gone.Dispose();
        Assert.Throws<ObjectDisposedException>(() => gone.Submit(batch, BatchOperation.Encrypt));
        await Task.Run(() => gone.Wait(batch)).WaitAsync(TimeSpan.FromSeconds(10));
        other.Run(batch, BatchOperation.Encrypt);
        Assert.Equal(RowStatus.Ok, batch.Status(MaximumRows - 1));
    }

    [Fact]
    public void Disposing_a_device_finishes_what_was_submitted()
    {
        using VectorKey key = TestKeys.Derive();
        VectorBatch[] ring = [.. Enumerable.Range(0, 4).Select(_ => new VectorBatch(MaximumRows, MaximumRows * 16))];
        IVectorDevice device = DeviceCatalog.Open("cpu", 2);
        foreach (VectorBatch batch in ring)
        {
            for (int row = 0; row < MaximumRows; row++)
                Fill(batch, row, key);
            device.Submit(batch, BatchOperation.Encrypt);
        }

        device.Dispose();
        foreach (VectorBatch batch in ring)
        {
            device.Wait(batch);
            Assert.Equal(Enumerable.Repeat(RowStatus.Ok, MaximumRows), Enumerable.Range(0, MaximumRows).Select(batch.Status));
            batch.Dispose();
        }
    }

    private static void Fill(VectorBatch batch, int row, VectorKey key)
    {
        batch.TryAddRow(Dimension, batch.Keys.Add(key), out _);
        batch.Input(row).Fill(row);
        batch.OutputIv(row).Fill((byte)row);
    }

    private static byte[][] Expected(VectorKey key)
    {
        using IVectorDevice scalar = DeviceCatalog.Open("cpu:scalar", 1);
        using var batch = new VectorBatch(MaximumRows, MaximumRows * 16) { IvSource = IvSource.Given };
        for (int row = 0; row < MaximumRows; row++)
            Fill(batch, row, key);
        scalar.Run(batch, BatchOperation.Encrypt);
        return [.. Enumerable.Range(0, MaximumRows).Select(row => batch.OutputTag(row).ToArray())];
    }
}
