using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;
using GpuCrypt.Kernels.Keys;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Tests.Devices;

public class CpuDeviceTests
{
    [Fact]
    public void The_catalog_lists_cpu_first_and_refuses_unknown_names()
    {
        IReadOnlyList<DeviceDescription> devices = DeviceCatalog.List();
        Assert.Equal("cpu", devices[0].Name);
        Assert.True(devices[0].SelectedByAuto);
        Assert.Contains(devices, d => d.Name == "cpu:portable");
        DeviceException e = Assert.Throws<DeviceException>(() => DeviceCatalog.Open("gpu:7"));
        Assert.Contains("gpu:7", e.Message, StringComparison.Ordinal);
        Assert.Contains("cpu:portable", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_batches_in_flight_from_several_threads_are_each_done_right()
    {
        using IVectorDevice device = DeviceCatalog.Open("cpu", 3);
        using VectorKey key = TestKeys.Derive();
        Parallel.For(0, 4, _ =>
        {
            VectorBatch[] ring = [.. Enumerable.Range(0, 3).Select(_ => new VectorBatch(300, 300 * 64))];
            for (int round = 0; round < 40; round++)
            {
                foreach (VectorBatch batch in ring)
                {
                    device.Wait(batch);
                    batch.Clear();
                    for (int row = 0; row < 1 + (round * 7); row++)
                    {
                        batch.TryAddRow(64, batch.Keys.Add(key), out _);
                        batch.Input(row).Fill(row);
                    }

                    device.Submit(batch, BatchOperation.Encrypt);
                }

                foreach (VectorBatch batch in ring)
                {
                    device.Wait(batch);
                    for (int row = 0; row < batch.Rows; row++)
                    {
                        Assert.Equal(RowStatus.Ok, batch.Status(row));
                        batch.Output(row).CopyTo(batch.Input(row));
                        batch.OutputIv(row).CopyTo(batch.InputIv(row));
                        batch.OutputTag(row).CopyTo(batch.InputTag(row));
                    }

                    device.Run(batch, BatchOperation.Decrypt);
                    for (int row = 0; row < batch.Rows; row++)
                        Assert.InRange(batch.Output(row)[63], row * (1 - 1e-6f), (row * (1 + 1e-6f)) + 1e-6f);
                }
            }

            foreach (VectorBatch batch in ring)
                batch.Dispose();
        });
    }

    [Fact]
    public void Running_batches_allocates_nothing()
    {
        using IVectorDevice device = DeviceCatalog.Open("cpu", 1);
        using VectorKey key = TestKeys.Derive();
        using var batch = new VectorBatch(64, 64 * 768);
        foreach (BatchOperation operation in Enum.GetValues<BatchOperation>())
        {
            foreach (IvSource ivs in Enum.GetValues<IvSource>())
            {
                Run(operation, ivs);
                long before = GC.GetAllocatedBytesForCurrentThread();
                for (int i = 0; i < 5; i++)
                    Run(operation, ivs);
                Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
            }
        }

        void Run(BatchOperation operation, IvSource ivs)
        {
            batch.Clear();
            batch.IvSource = ivs;
            for (int row = 0; row < 64; row++)
            {
                batch.TryAddRow(768, batch.Keys.Add(key), out _);
                batch.Input(row).Clear();
                batch.TrySetRecordId(row, "some record"u8, 0);
            }

            // One worker thread: the work is done on this one.
            device.Run(batch, operation);
        }
    }

    [Fact]
    public void Encryptions_are_counted_by_key_and_decryptions_are_not()
    {
        using IVectorDevice device = DeviceCatalog.Open("cpu", 2);
        using VectorKey a = TestKeys.Derive("a"), b = TestKeys.Derive("b");
        using var batch = new VectorBatch(100, 1600);
        for (int row = 0; row < 100; row++)
        {
            batch.TryAddRow(4, batch.Keys.Add(row % 10 < 3 ? a : b), out _);
            batch.Input(row).Clear();
        }

        device.Run(batch, BatchOperation.Encrypt);
        device.Run(batch, BatchOperation.Decrypt);
        Assert.Equal((30, 70), (a.Encryptions, b.Encryptions));
        device.Run(batch, BatchOperation.EncryptOneWay);
        Assert.Equal((60, 140), (a.Encryptions, b.Encryptions));
    }

    [Fact]
    public void A_batch_whose_rows_name_no_key_is_refused_before_anything_runs()
    {
        using IVectorDevice device = DeviceCatalog.Open();
        using var batch = new VectorBatch(2, 64);
        batch.TryAddRow(4, 1, out _);
        Assert.Throws<ArgumentException>(() => device.Run(batch, BatchOperation.Encrypt));
        batch.Clear();
        device.Run(batch, BatchOperation.Encrypt);
        Assert.Equal(0, batch.Rows);
    }

    [Fact]
    public void A_device_that_was_disposed_refuses_work()
    {
        IVectorDevice device = DeviceCatalog.Open("cpu", 2);
        device.Dispose();
        device.Dispose();
        using VectorKey key = TestKeys.Derive();
        using var batch = new VectorBatch(1, 16);
        batch.TryAddRow(4, batch.Keys.Add(key), out _);
        Assert.Throws<ObjectDisposedException>(() => device.Submit(batch, BatchOperation.Encrypt));
        Assert.Throws<ObjectDisposedException>(() => device.Run(batch, BatchOperation.Encrypt));
    }
}
