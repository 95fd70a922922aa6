namespace GpuCrypt.Kernels.Scheme;

/// <summary>A 12-byte initialisation vector as three big-endian words.</summary>
internal struct Iv
{
    /// <summary>The length in bytes.</summary>
    public const int Size = 12;

    /// <summary>Bytes 0 to 3, big-endian.</summary>
    public uint W0;

    /// <summary>Bytes 4 to 7, big-endian.</summary>
    public uint W1;

    /// <summary>Bytes 8 to 11, big-endian.</summary>
    public uint W2;
}
