using System.Security.Cryptography;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Host.Benchmark;

/// <summary>Two keys of a random secret that is kept nowhere: what is encrypted for a measurement is of no use to anybody.</summary>
internal sealed class BenchmarkKeys : IDisposable
{
    // The noise that this factor asks for takes as long as any other.
    private const float ApproximationFactor = 2.236f;

    public BenchmarkKeys()
    {
        Span<byte> secret = stackalloc byte[VectorKey.MinimumSecretSize];
        RandomNumberGenerator.Fill(secret);
        Own = VectorKey.Derive(1, secret, "tenant", "benchmark", ApproximationFactor, scaling: true);
        Target = VectorKey.Derive(1, secret, "another tenant", "benchmark", ApproximationFactor, scaling: true);
        CryptographicOperations.ZeroMemory(secret);
    }

    /// <summary>The key that rows are encrypted, decrypted and rotated from.</summary>
    public VectorKey Own { get; }

    /// <summary>The key that rows are rotated to.</summary>
    public VectorKey Target { get; }

    public void Dispose()
    {
        Own.Dispose();
        Target.Dispose();
    }
}
