using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>
/// The random stream of one row, made in runs of blocks and read as 64-bit draws. One a worker; reused from row to row. Not thread-safe.
/// </summary>
/// <typeparam name="TKernel">The vector width.</typeparam>
internal sealed unsafe class CpuKeystream<TKernel> : IDisposable
    where TKernel : ICpuKernel
{
    // 64 blocks: 4 KiB, well inside the first-level cache together with a row.
    private const int CapacityBlocks = 64;
    private const int DrawsPerBlock = 8;
    private const int CapacityDraws = CapacityBlocks * DrawsPerBlock;

    // What a refill asks for beyond the draws still wanted: 1.5 % of draws take a second one.
    private const int SlackShift = 6;

    private readonly ulong* _draws = (ulong*)NativeMemory.AlignedAlloc(CapacityDraws * sizeof(ulong), 64);
    private readonly uint* _key = (uint*)NativeMemory.AlignedAlloc(64, 64);
    private ulong _counter;
    private int _next;
    private int _end;

    /// <summary>Starts the stream whose ChaCha20 key is <paramref name="seed"/>.</summary>
    public void Start(ref Digest seed)
    {
        ReadOnlySpan<uint> words = new(Unsafe.AsPointer(ref seed), 8);
        for (int i = 0; i < 8; i++)
            _key[i] = System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(words[i]);
        _counter = 0;
        _next = 0;
        _end = 0;
    }

    /// <summary>Draws d normals and then one word.</summary>
    /// <param name="normals">Receives d values, then zeros to the next multiple of 16.</param>
    /// <param name="dimension">d, at least 1.</param>
    /// <param name="lanes">Receives the sums of squares of the whole eights, by lane.</param>
    /// <returns>The word.</returns>
    public uint Normals(float* normals, int dimension, float* lanes)
    {
        int made = 0, summed = 0;
        new Span<float>(lanes, 8).Clear();
        while (made < dimension)
        {
            int wanted = dimension - made;
            if (_next == _end)
                Refill(wanted);
            int fast = TKernel.FastNormals(_draws + _next, Math.Min(_end - _next, wanted), normals + made);
            _next += fast;
            made += fast;
            if (made < dimension && _next < _end)
                normals[made++] = (float)SlowNormal(dimension - made);
            // Summed as they come: the additions wait for each other, and here they wait beside the next draws.
            int whole = made & ~7;
            TKernel.AddLaneSums(normals + summed, whole - summed, lanes);
            summed = whole;
        }

        for (int i = dimension; (i & 15) != 0; i++)
            normals[i] = 0f;
        if (_next == _end)
            Refill(1);
        return (uint)_draws[_next];
    }

    /// <summary>Wipes the buffers and gives them back.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(new Span<byte>(_draws, CapacityDraws * sizeof(ulong)));
        CryptographicOperations.ZeroMemory(new Span<byte>(_key, 32));
        NativeMemory.AlignedFree(_draws);
        NativeMemory.AlignedFree(_key);
    }

    /// <summary>One draw by the scheme's own steps, whichever branch it takes.</summary>
    private double SlowNormal(int wanted)
    {
        while (true)
        {
            ulong draw = Next(wanted);
            int strip = (int)(draw & 0xff);
            double u = Ziggurat.UniformFromBits(draw);
            HostTables tables = default;
            double x = u * tables.ZigguratX(strip);
            if (Math.Abs(x) < tables.ZigguratX(strip + 1))
                return x;
            if (strip == 0)
            {
                while (true)
                {
                    ulong a = Next(wanted);
                    ulong b = Next(wanted);
                    if (Ziggurat.TryTail(a, b, u, out double tail))
                        return tail;
                }
            }

            if (AcceptWedge(Next(wanted), strip, x, ref tables))
                return x;
        }
    }

    /// <summary>
    /// The scheme's decision, mostly without its exponential: within a strip exp(-x²/2) is F[i+1]·exp(-τ) with a small τ, and a few terms of
    /// its series tell the two sides apart unless the point is close to the curve.
    /// </summary>
    private static bool AcceptWedge(ulong draw, int strip, double x, ref HostTables tables)
    {
        double e = (draw >> 11) * (1.0 / 9007199254740992.0);
        double upper = tables.ZigguratF(strip + 1), edge = tables.ZigguratX(strip + 1);
        double height = upper + ((tables.ZigguratF(strip) - upper) * e);
        double tau = ((x * x) - (edge * edge)) * 0.5, square = tau * tau;
        // 0 ≤ τ < 0.74, so the series to τ⁵ errs by less than τ⁶/720 < 0.0003, and rounding by far less.
        double curve = upper * (1.0 - tau + (square * (0.5 - (tau * (1.0 / 6.0)) + (square * ((1.0 / 24.0) - (tau * (1.0 / 120.0)))))));
        double margin = upper * 0.0005;
        if (height < curve - margin)
            return true;
        return height <= curve + margin && Ziggurat.AcceptWedge(draw, strip, x, ref tables);
    }

    private ulong Next(int wanted)
    {
        if (_next == _end)
            Refill(wanted);
        return _draws[_next++];
    }

    private void Refill(int wanted)
    {
        int target = Math.Min(CapacityDraws, wanted + (wanted >> SlackShift) + 1);
        _next = 0;
        _end = 0;
        while (_end < target)
        {
            TKernel.Keystream(_key, _counter, (uint*)(_draws + _end));
            _counter += (ulong)TKernel.BlocksAtOnce;
            _end += TKernel.BlocksAtOnce * DrawsPerBlock;
        }
    }
}
