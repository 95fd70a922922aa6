using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Kernels.Tests.Batches;

public class VectorBatchTests
{
    [Fact]
    public unsafe void Rows_of_mixed_dimensions_start_on_64_byte_boundaries_and_do_not_overlap()
    {
        using var batch = new VectorBatch(8, 4096);
        int[] dimensions = [1, 16, 17, 0, 300];
        foreach (int d in dimensions)
            Assert.True(batch.TryAddRow(d, 0, out _));
        for (int row = 0; row < dimensions.Length; row++)
        {
            Assert.Equal(0, (nint)(batch.Inputs + batch.Offsets[row]) % 64);
            batch.Input(row).Fill(row);
            batch.Output(row).Fill(-row);
        }

        for (int row = 0; row < dimensions.Length; row++)
        {
            Assert.Equal(dimensions[row], batch.Dimension(row));
            Assert.All(batch.Input(row).ToArray(), v => Assert.Equal(row, v));
            Assert.All(batch.Output(row).ToArray(), v => Assert.Equal(-row, v));
        }
    }

    [Fact]
    public void A_row_that_does_not_fit_changes_nothing()
    {
        using var batch = new VectorBatch(2, 64);
        Assert.True(batch.TryAddRow(40, 0, out _));
        Assert.False(batch.TryAddRow(40, 0, out _));
        Assert.Equal(1, batch.Rows);
        Assert.True(batch.TryAddRow(16, 0, out int row));
        Assert.Equal(1, row);
        Assert.False(batch.TryAddRow(0, 0, out _));
        Assert.True(batch.CouldHold(2, 32));
        Assert.False(batch.CouldHold(2, 33));
        Assert.False(batch.CouldHold(3, 1));
        Assert.False(batch.CouldHold(long.MaxValue / 2, 3));
    }

    [Fact]
    public void Truncating_gives_the_room_of_the_last_rows_back()
    {
        using var batch = new VectorBatch(4, 64);
        batch.TryAddRow(16, 0, out _);
        batch.TryAddRow(48, 0, out _);
        batch.Truncate(1);
        Assert.Equal((1, 16), (batch.Rows, batch.ValuesUsed));
        Assert.True(batch.TryAddRow(48, 0, out _));
        batch.Truncate(0);
        Assert.Equal((0, 0), (batch.Rows, batch.ValuesUsed));
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Truncate(1));
    }

    [Fact]
    public void Rows_of_one_record_share_its_id_and_ids_beyond_the_room_are_refused()
    {
        using var batch = new VectorBatch(4, 64);
        byte[] id = new byte[batch.RecordIdCapacity - 1];
        batch.TryAddRow(1, 0, out _);
        batch.TryAddRow(1, 0, out _);
        batch.TryAddRow(1, 0, out _);
        Assert.True(batch.TrySetRecordId(0, id, 0));
        Assert.True(batch.TrySetRecordId(1, id, 1));
        Assert.False(batch.TrySetRecordId(2, "ab"u8, 0));
        Assert.True(batch.TrySetRecordId(2, "a"u8, 0));
        Assert.True(batch.RecordId(1).SequenceEqual(id));
        Assert.True(batch.RecordId(2).SequenceEqual("a"u8));
    }

    [Fact]
    public void Rows_outside_the_batch_and_disposed_batches_are_refused()
    {
        var batch = new VectorBatch(2, 16);
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Input(0).Length);
        batch.TryAddRow(1, 0, out _);
        batch.Dispose();
        batch.Dispose();
        Assert.Throws<ObjectDisposedException>(() => batch.Input(0).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => new VectorBatch(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new VectorBatch(1, 0));
    }

    [Fact]
    public void A_row_of_a_dimension_near_the_largest_integer_is_refused_not_wrapped_around()
    {
        using var batch = new VectorBatch(4, 64);
        foreach (int dimension in (int[])[int.MaxValue, int.MaxValue - 14, int.MaxValue - 15, VectorBatch.MaximumDimension + 1, 65])
        {
            Assert.False(batch.HasRoom(1, dimension));
            Assert.False(batch.CouldHold(1, dimension));
            Assert.False(batch.TryAddRow(dimension, 0, out _));
        }

        Assert.False(batch.CouldHold(1, long.MaxValue));
        Assert.Equal((0, 0), (batch.Rows, batch.ValuesUsed));
        Assert.True(batch.TryAddRow(64, 0, out _));
    }

    [Fact]
    public void A_disposed_batch_takes_no_row()
    {
        var batch = new VectorBatch(4, 64);
        batch.Dispose();
        Assert.Throws<ObjectDisposedException>(() => batch.TryAddRow(1, 0, out _));
    }

    [Fact]
    public void Disposing_a_batch_that_is_with_a_device_waits_until_its_rows_are_done()
    {
        const int Rows = 200;
        using IVectorDevice device = DeviceCatalog.Open("cpu:scalar", 2);
        using VectorKey key = TestKeys.Derive();
        var batch = new VectorBatch(Rows, Rows * 1024);
        for (int row = 0; row < Rows; row++)
        {
            batch.TryAddRow(1024, batch.Keys.Add(key), out _);
            batch.Input(row).Clear();
        }

        device.Submit(batch, BatchOperation.Encrypt);
        batch.Dispose();
        Assert.Equal(Rows, key.Encryptions);
    }

    [Fact]
    public void Filling_and_clearing_allocates_nothing()
    {
        using var batch = new VectorBatch(64, 64 * 32);
        using VectorKey key = TestKeys.Derive();
        Fill();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            Fill();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Fill()
        {
            batch.Clear();
            for (int row = 0; row < 64; row++)
            {
                batch.TryAddRow(32, batch.Keys.Add(key), out int r);
                batch.Input(r).Clear();
                batch.TrySetRecordId(r, "id"u8, 0);
            }
        }
    }
}
