using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Host.Benchmark;

/// <summary>
/// A batch of random vectors of one dimension, filled for one operation so that every row succeeds, and the device that runs it again and
/// again. Not thread-safe.
/// </summary>
internal sealed class Workload : IDisposable
{
    private readonly IVectorDevice _device;
    private readonly VectorBatch _batch;
    private readonly BatchOperation _operation;

    /// <summary>Fills the batch; ciphertexts for decryption and rotation are made by the device itself.</summary>
    /// <param name="device">The device; not disposed.</param>
    /// <param name="keys">The keys; they may go before the workload does.</param>
    /// <param name="operation">What is done to the rows.</param>
    /// <param name="ivs">Where IVs come from when rows are encrypted.</param>
    /// <param name="dimension">The elements of a row.</param>
    /// <param name="rows">The rows.</param>
    /// <exception cref="DeviceException">The device failed, or a row did.</exception>
    public Workload(IVectorDevice device, BenchmarkKeys keys, BatchOperation operation, IvSource ivs, int dimension, int rows)
    {
        _device = device;
        _operation = operation;
        _batch = new VectorBatch(rows, rows * ((dimension + 15) & ~15), device.Memory);
        try
        {
            Fill(keys, dimension, rows);
            if (operation is BatchOperation.Decrypt or BatchOperation.Rotate)
                TakeOutputsForInputs(keys);
            _batch.IvSource = ivs;
            Run();
            Check();
        }
        catch
        {
            _batch.Dispose();
            throw;
        }
    }

    /// <summary>The rows of the batch.</summary>
    public int Rows => _batch.Rows;

    /// <summary>When the device last finished the batch, as <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/> tells time.</summary>
    public long CompletedAt => _batch.CompletedAt;

    /// <summary>Runs the batch once.</summary>
    public void Run() => _device.Run(_batch, _operation);

    /// <summary>Hands the batch to the device.</summary>
    public void Submit() => _device.Submit(_batch, _operation);

    /// <summary>Waits for the device.</summary>
    public void Wait() => _device.Wait(_batch);

    /// <summary>Throws unless every row of the last run succeeded: a benchmark of failing rows would be a lie.</summary>
    /// <exception cref="DeviceException">A row failed.</exception>
    public void Check()
    {
        for (int row = 0; row < _batch.Rows; row++)
        {
            if (_batch.Status(row) != RowStatus.Ok)
                throw new DeviceException($"device {_device.Description.Name}: {BenchmarkOperations.Name(_operation)} of row {row} of {_batch.Rows}, dimension {_batch.Dimension(row)}: expected status {RowStatus.Ok}, found {_batch.Status(row)}; check the device with 'gpucrypt selftest --device {_device.Description.Name}'");
        }
    }

    public void Dispose() => _batch.Dispose();

    private void Fill(BenchmarkKeys keys, int dimension, int rows)
    {
        Span<byte> id = stackalloc byte[sizeof(long)];
        for (int row = 0; row < rows; row++)
        {
            _batch.TryAddRow(dimension, _batch.Keys.Add(keys.Own), out _);
            foreach (ref float value in _batch.Input(row))
                value = (Random.Shared.NextSingle() * 2) - 1;
            BitConverter.TryWriteBytes(id, (long)row);
            _batch.TrySetRecordId(row, id, 0);
        }
    }

    private void TakeOutputsForInputs(BenchmarkKeys keys)
    {
        _device.Run(_batch, BatchOperation.Encrypt);
        for (int row = 0; row < _batch.Rows; row++)
        {
            _batch.Output(row).CopyTo(_batch.Input(row));
            _batch.OutputIv(row).CopyTo(_batch.InputIv(row));
            _batch.OutputTag(row).CopyTo(_batch.InputTag(row));
            _batch.TargetKeyIndex(row) = _batch.Keys.Add(keys.Target);
        }
    }
}
