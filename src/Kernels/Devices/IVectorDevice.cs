using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Kernels.Devices;

/// <summary>
/// Something that encrypts, decrypts, rotates or one-way encrypts the rows of a batch. Every device gives the same bits. Thread-safe:
/// several batches may be with a device at once, each handed over by <see cref="Submit"/> and taken back by <see cref="Wait"/>.
/// </summary>
public interface IVectorDevice : IDisposable
{
    /// <summary>What the device is.</summary>
    DeviceDescription Description { get; }

    /// <summary>Where batches for this device take their memory.</summary>
    BatchMemory Memory { get; }

    /// <summary>
    /// Hands a batch over and returns at once. Until <see cref="Wait"/> returns the batch belongs to the device. Afterwards every row has a
    /// status; a failed row has no output and stops no other.
    /// </summary>
    /// <exception cref="ArgumentException">A row names a key that is not in the batch's table.</exception>
    void Submit(VectorBatch batch, BatchOperation operation);

    /// <summary>Waits until a submitted batch is done.</summary>
    /// <exception cref="DeviceException">The device failed; the rows' inputs are untouched and can be run elsewhere.</exception>
    void Wait(VectorBatch batch);

    /// <summary>Runs a batch and waits for it; a device may use the caller's thread, so a small batch pays for no hand-over.</summary>
    void Run(VectorBatch batch, BatchOperation operation)
    {
        Submit(batch, operation);
        Wait(batch);
    }
}
