namespace GpuCrypt.Kernels.Conformance;

/// <summary>What a device made of one vector file.</summary>
/// <param name="File">The file.</param>
/// <param name="Device">The device's name.</param>
/// <param name="Vectors">How many lines were checked.</param>
/// <param name="Mismatches">How many of them differ in any bit.</param>
/// <param name="FirstMismatch">The first: line, field, expected and found; null when there is none.</param>
public sealed record ConformanceResult(string File, string Device, int Vectors, int Mismatches, string? FirstMismatch)
{
    /// <summary>True when every bit was right.</summary>
    public bool Passed => Mismatches == 0;
}
