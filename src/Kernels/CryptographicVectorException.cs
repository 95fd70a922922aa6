using System.Security.Cryptography;

namespace GpuCrypt.Kernels;

/// <summary>A vector cannot be encrypted or decrypted. The message says why and names no value.</summary>
public sealed class CryptographicVectorException : CryptographicException
{
    /// <summary>Creates an exception without a message.</summary>
    public CryptographicVectorException()
    {
    }

    /// <summary>Creates an exception with its reason.</summary>
    public CryptographicVectorException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with its reason and cause.</summary>
    public CryptographicVectorException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
