namespace GpuCrypt.Kernels.Conformance;

/// <summary>One line of a vector file: a vector with everything that belongs to it, or a plaintext that must be refused.</summary>
/// <param name="Line">The line in the file, from 1.</param>
/// <param name="Plain">The plaintext.</param>
/// <param name="Error">The error that encryption must give, such as <c>Enc(OverflowError)</c>; null for a vector.</param>
/// <param name="Iv">The IV, 12 bytes.</param>
/// <param name="Cipher">The ciphertext.</param>
/// <param name="Tag">The tag, 32 bytes.</param>
/// <param name="Metadata">The metadata, 54 bytes.</param>
/// <param name="Decrypted">What decryption gives.</param>
public sealed record ConformanceVector(
    int Line, float[] Plain, string? Error, byte[] Iv, float[] Cipher, byte[] Tag, byte[] Metadata, float[] Decrypted);
