namespace GpuCrypt.Kernels;

/// <summary>A ciphertext and what is stored beside it.</summary>
/// <param name="Cipher">The ciphertext, d elements: what the vector index holds.</param>
/// <param name="Metadata">54 bytes (<see cref="Scheme.VectorMetadata"/>): secret id, IV and tag, needed to decrypt.</param>
public sealed record EncryptedVector(float[] Cipher, byte[] Metadata);
