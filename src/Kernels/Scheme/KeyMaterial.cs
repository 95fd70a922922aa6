namespace GpuCrypt.Kernels.Scheme;

/// <summary>
/// What the cipher needs of a key, in the form every device takes: the 32-byte key K as eight big-endian words, the scaling factor s,
/// the approximation factor β, and whether plaintexts are scaled. Blittable, 44 bytes.
/// </summary>
/// <remarks>Holds a secret: keep it in memory that is wiped, and pass it by reference.</remarks>
internal struct KeyMaterial
{
    /// <summary>Word 0 of K, bytes 0 to 3, big-endian.</summary>
    public uint K0;

    /// <summary>Word 1 of K.</summary>
    public uint K1;

    /// <summary>Word 2 of K.</summary>
    public uint K2;

    /// <summary>Word 3 of K.</summary>
    public uint K3;

    /// <summary>Word 4 of K.</summary>
    public uint K4;

    /// <summary>Word 5 of K.</summary>
    public uint K5;

    /// <summary>Word 6 of K.</summary>
    public uint K6;

    /// <summary>Word 7 of K.</summary>
    public uint K7;

    /// <summary>The scaling factor s, an integer below 2^24.</summary>
    public float ScalingFactor;

    /// <summary>The approximation factor β.</summary>
    public float ApproximationFactor;

    /// <summary>1 when plaintexts are multiplied by s, 0 when not. s is in the tag either way.</summary>
    public uint Scaling;

    /// <summary>The radius of the noise ball: (s/4)·β with scaling, 0.25·β without, each operation rounded to f32.</summary>
    public readonly float Radius => Scaling != 0 ? ScalingFactor / 4f * ApproximationFactor : 0.25f * ApproximationFactor;
}
