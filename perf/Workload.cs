using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;
using GpuCrypt.Kernels.Keys;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Perf;

/// <summary>A batch of one dimension, filled for one operation so that every row succeeds, and the device that runs it again and again.</summary>
internal sealed class Workload : IDisposable
{
    private readonly IVectorDevice _device;
    private readonly VectorBatch _batch;
    private readonly BatchOperation _operation;
    private readonly VectorKey _key = Derive("tenant");
    private readonly VectorKey _target = Derive("another tenant");

    /// <summary>Fills the batch; ciphertexts for decryption and rotation are made by the device itself.</summary>
    public Workload(IVectorDevice device, BatchOperation operation, IvSource ivs, int dimension, int rows)
    {
        _device = device;
        _operation = operation;
        _batch = new VectorBatch(rows, rows * ((dimension + 15) & ~15), device.Memory);
        var random = new Random(dimension);
        for (int row = 0; row < rows; row++)
        {
            _batch.TryAddRow(dimension, _batch.Keys.Add(_key), out _);
            foreach (ref float value in _batch.Input(row))
                value = (float)((random.NextDouble() * 2) - 1);
            _batch.TrySetRecordId(row, BitConverter.GetBytes((long)row), 0);
        }

        if (operation is BatchOperation.Decrypt or BatchOperation.Rotate)
        {
            device.Run(_batch, BatchOperation.Encrypt);
            for (int row = 0; row < rows; row++)
            {
                _batch.Output(row).CopyTo(_batch.Input(row));
                _batch.OutputIv(row).CopyTo(_batch.InputIv(row));
                _batch.OutputTag(row).CopyTo(_batch.InputTag(row));
                _batch.TargetKeyIndex(row) = _batch.Keys.Add(_target);
            }
        }

        _batch.IvSource = ivs;
        Run();
        Check();
    }

    /// <summary>Runs the batch once.</summary>
    public void Run() => _device.Run(_batch, _operation);

    /// <summary>Throws unless every row of the last run succeeded: a benchmark of failing rows would be a lie.</summary>
    public void Check()
    {
        for (int row = 0; row < _batch.Rows; row++)
        {
            if (_batch.Status(row) != RowStatus.Ok)
                throw new InvalidOperationException($"row {row} of {_operation} on {_device.Description.Name}: expected {RowStatus.Ok}, found {_batch.Status(row)}");
        }
    }

    public void Dispose()
    {
        _batch.Dispose();
        _key.Dispose();
        _target.Dispose();
    }

    private static VectorKey Derive(string tenant)
    {
        byte[] secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        return VectorKey.Derive(1, secret, tenant, "benchmark", 2.236f, scaling: true);
    }
}
