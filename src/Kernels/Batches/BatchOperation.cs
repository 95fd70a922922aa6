namespace GpuCrypt.Kernels.Batches;

/// <summary>What a device does to the rows of a batch.</summary>
public enum BatchOperation
{
    /// <summary>Input is plaintext; output is ciphertext, with the IV and tag in the output columns.</summary>
    Encrypt,

    /// <summary>Input is ciphertext, with the IV and tag in the input columns; output is plaintext.</summary>
    Decrypt,

    /// <summary>Decrypt under the row's key, encrypt under its target key, without the plaintext leaving the device.</summary>
    Rotate,

    /// <summary>Encrypt, then forget the IV and make no tag: nobody can decrypt the output.</summary>
    EncryptOneWay,
}
