namespace GpuCrypt.Kernels.Batches;

/// <summary>Where the IVs of a batch come from.</summary>
public enum IvSource
{
    /// <summary>They are in the batch already.</summary>
    Given,

    /// <summary>12 bytes from the operating system's generator for each row.</summary>
    Random,

    /// <summary>From the key, the record id and the plaintext (<see cref="Keys.SyntheticIv"/>).</summary>
    Synthetic,
}
