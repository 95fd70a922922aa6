using System.Security.Cryptography;
using GpuCrypt.Kernels.Keys;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>
/// Random IVs, drawn from the operating system's generator in larger pieces: a draw costs 0.7 µs however small it is, a third of a short
/// row. One a worker; not thread-safe.
/// </summary>
/// <remarks>
/// What was handed out is wiped here at once, so that the IV of a one-way encryption can be forgotten, and nothing is handed out twice. Only
/// a copy of the whole running process (a machine's snapshot that is resumed twice) would repeat IVs, as it would repeat those that the
/// generator itself makes before it reseeds; few are kept, so that this adds little.
/// </remarks>
internal sealed class IvPool : IDisposable
{
    /// <summary>What is drawn at once, in bytes: 32 IVs.</summary>
    internal const int Size = 32 * Iv.Size;

    private readonly SecretMemory _memory = new(Size);
    private int _next = Size;

    /// <summary>What has not been handed out, behind zeros.</summary>
    internal ReadOnlySpan<byte> Bytes => _memory.Bytes;

    /// <summary>Writes random IVs.</summary>
    /// <param name="ivs">Receives them, 12 bytes each; any number.</param>
    public void Fill(Span<byte> ivs)
    {
        if (ivs.Length > Size / 4)
        {
            RandomNumberGenerator.Fill(ivs);
            return;
        }

        Span<byte> pool = _memory.Bytes;
        if (ivs.Length > Size - _next)
        {
            // Before anything is taken: a generator that fails leaves the pool used up.
            _next = Size;
            RandomNumberGenerator.Fill(pool);
            _next = 0;
        }

        Span<byte> taken = pool.Slice(_next, ivs.Length);
        taken.CopyTo(ivs);
        CryptographicOperations.ZeroMemory(taken);
        _next += ivs.Length;
    }

    /// <summary>Wipes what is left.</summary>
    public void Dispose() => _memory.Dispose();
}
