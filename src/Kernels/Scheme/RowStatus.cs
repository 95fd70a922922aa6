namespace GpuCrypt.Kernels.Scheme;

/// <summary>What became of one row.</summary>
public enum RowStatus : byte
{
    /// <summary>Not processed yet.</summary>
    Pending = 0,

    /// <summary>Done; the outputs are valid.</summary>
    Ok = 1,

    /// <summary>An element of the result is NaN or infinite: nothing was written.</summary>
    Overflow = 2,

    /// <summary>The tag does not belong to this ciphertext, IV and key: nothing was written.</summary>
    BadTag = 3,

    /// <summary>Scaling is on and the key's scaling factor is 0, which the format forbids.</summary>
    InvalidKey = 4,
}
