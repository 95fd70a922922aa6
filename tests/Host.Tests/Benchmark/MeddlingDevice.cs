using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Host.Tests.Benchmark;

/// <summary>The portable CPU device with two threads, that counts what it gets and lets a test meddle with a batch before it is run.</summary>
internal sealed class MeddlingDevice : IVectorDevice
{
    private readonly IVectorDevice _device = DeviceCatalog.Open("cpu:portable", 2);
    private int _inFlight;

    public DeviceDescription Description => _device.Description;

    public BatchMemory Memory => _device.Memory;

    /// <summary>Called with a submission's number, from 1, and its batch.</summary>
    public Action<int, VectorBatch> BeforeSubmission { get; set; } = (_, _) => { };

    public int Submissions { get; private set; }

    public long RowsSubmitted { get; private set; }

    public int InFlight => _inFlight;

    public int MostInFlight { get; private set; }

    public void Submit(VectorBatch batch, BatchOperation operation)
    {
        Submissions++;
        RowsSubmitted += batch.Rows;
        MostInFlight = Math.Max(MostInFlight, ++_inFlight);
        BeforeSubmission(Submissions, batch);
        _device.Submit(batch, operation);
    }

    public void Wait(VectorBatch batch)
    {
        _device.Wait(batch);
        _inFlight--;
    }

    // Filling a batch is no submission.
    public void Run(VectorBatch batch, BatchOperation operation) => _device.Run(batch, operation);

    public void Dispose() => _device.Dispose();
}
