// Normals from a run of draws (WIRE-FORMAT section 5) in three passes without a branch on any one draw: every draw's candidate and whether
// it is decided, then the few undecided ones in stream order, then the gaps closed.
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using GpuCrypt.Kernels.Keys;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>
/// The ziggurat over many draws at once. 1.5 % of draws fall outside their strip's inner part and take further ones: a branch for each
/// would be mispredicted and cost more than eight draws. One a worker; not thread-safe.
/// </summary>
/// <typeparam name="TKernel">The vector width.</typeparam>
internal sealed unsafe class ZigguratRun<TKernel> : IDisposable
    where TKernel : ICpuKernel
{
    /// <summary>The most draws of a run.</summary>
    public const int MostDraws = 2048;

    /// <summary>The elements that are written beyond those asked for, at most.</summary>
    public const int Overrun = MostDraws + 16;

    private const int Words = (MostDraws / 64) + 1;

    // Positions are written four at a time, whether there are four or not.
    private readonly SecretMemory _memory = new((sizeof(float) * (MostDraws + 16)) + (2 * sizeof(ulong) * Words) + (sizeof(ushort) * (MostDraws + 4)));
    private readonly float* _values;
    private readonly ulong* _slow;
    private readonly ulong* _kept;
    private readonly ushort* _positions;
    private readonly double* _edges = HostTables.Edges;
    private readonly double* _densities = HostTables.Densities;

    public ZigguratRun()
    {
        _values = (float*)_memory.Pointer;
        _slow = (ulong*)(_values + MostDraws + 16);
        _kept = _slow + Words;
        _positions = (ushort*)(_kept + Words);
    }

    /// <summary>Makes normals until <paramref name="wanted"/> are made or the next one needs more draws than there are.</summary>
    /// <param name="draws">The draws, readable to a multiple of 8.</param>
    /// <param name="count">How many, at most <see cref="MostDraws"/>.</param>
    /// <param name="normals">Receives the normals; up to <see cref="Overrun"/> elements more are overwritten.</param>
    /// <param name="wanted">How many are wanted, at least 1.</param>
    /// <param name="used">How many draws they took.</param>
    /// <returns>How many were made.</returns>
    public int Make(ulong* draws, int count, float* normals, int wanted, out int used)
    {
        if (count == 0)
        {
            used = 0;
            return 0;
        }

        int words = (count + 63) >> 6;
        _slow[words - 1] = 0;
        TKernel.Candidates(draws, (count + 7) & ~7, _edges, _values, (byte*)_slow);
        _slow[words - 1] &= ulong.MaxValue >> (-count & 63);
        int end = Decide(draws, count, ListSlow(words));
        words = (end + 63) >> 6;
        if (words == 0)
        {
            used = 0;
            return 0;
        }

        _kept[words - 1] &= ulong.MaxValue >> (-end & 63);
        int made = TKernel.Compact(_values, _kept, end, normals);
        if (made < wanted)
        {
            used = end;
            return made;
        }

        used = After(draws, words, made - wanted, end);
        return wanted;
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    /// <summary>The positions of the undecided draws, in order; every draw counts as kept.</summary>
    private int ListSlow(int words)
    {
        int listed = 0;
        for (int word = 0; word < words; word++)
        {
            ulong bits = _slow[word];
            int count = BitOperations.PopCount(bits);
            ushort* positions = _positions + listed;
            for (int i = 0; i < 4; i++)
            {
                positions[i] = (ushort)((64 * word) + BitOperations.TrailingZeroCount(bits));
                bits &= bits - 1;
            }

            for (int i = 4; i < count; i++)
            {
                positions[i] = (ushort)((64 * word) + BitOperations.TrailingZeroCount(bits));
                bits &= bits - 1;
            }

            listed += count;
            _kept[word] = ulong.MaxValue;
        }

        _kept[words] = ulong.MaxValue;
        return listed;
    }

    /// <summary>Decides the undecided draws and drops what is rejected and what they take.</summary>
    /// <returns>How many draws are decided: all of them, or those before one that needs more.</returns>
    private int Decide(ulong* draws, int count, int listed)
    {
        int taken = 0;
        for (int i = 0; i < listed; i++)
        {
            int position = _positions[i];
            // Taken by the one before.
            if (position < taken)
                continue;
            ulong draw = draws[position];
            if ((byte)draw == 0)
            {
                if (!TryTail(draws, position, count, out _values[position], out taken))
                    return position;
                for (int each = position + 1; each < taken; each++)
                    _kept[each >> 6] &= ~(1ul << each);
                continue;
            }

            if (position + 1 >= count)
                return position;
            ulong dropped = 2 | Rejected(draw, draws[position + 1]);
            int word = position >> 6, shift = position & 63;
            _kept[word] &= ~(dropped << shift);
            _kept[word + 1] &= ~((dropped >> 1) >> (63 - shift));
            taken = position + 2;
        }

        return count;
    }

    /// <summary>The draws taken when the last <paramref name="surplus"/> of those kept are left out.</summary>
    private int After(ulong* draws, int words, int surplus, int end)
    {
        int word = words - 1;
        int count = BitOperations.PopCount(_kept[word]);
        while (count <= surplus)
        {
            surplus -= count;
            word--;
            count = BitOperations.PopCount(_kept[word]);
        }

        int position = (64 * word) + NthSetBit(_kept[word], count - surplus - 1);
        if ((_slow[word] >> position & 1) == 0)
            return position + 1;
        if ((byte)draws[position] != 0)
            return position + 2;
        _ = TryTail(draws, position, end, out _, out int taken);
        return taken;
    }

    private static int NthSetBit(ulong bits, int n)
    {
        if (Bmi2.X64.IsSupported)
            return BitOperations.TrailingZeroCount(Bmi2.X64.ParallelBitDeposit(1ul << n, bits));
        for (; n > 0; n--)
            bits &= bits - 1;
        return BitOperations.TrailingZeroCount(bits);
    }

    /// <summary>The tail beyond the outermost edge: pairs of draws until one is accepted. False when there are too few.</summary>
    private static bool TryTail(ulong* draws, int position, int count, out float normal, out int taken)
    {
        double u = Ziggurat.UniformFromBits(draws[position]);
        for (taken = position + 3; taken <= count; taken += 2)
        {
            if (Ziggurat.TryTail(draws[taken - 2], draws[taken - 1], u, out double tail))
            {
                normal = (float)tail;
                return true;
            }
        }

        normal = 0f;
        return false;
    }

    /// <summary>
    /// 1 when the scheme rejects the candidate, 0 when it accepts it; mostly without its exponential: within a strip exp(-x²/2) is
    /// F[i+1]·exp(-τ) with a small τ, and a few terms of its series tell the two sides apart unless the point is close to the curve.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Rejected(ulong draw, ulong second)
    {
        nuint strip = (byte)draw;
        double x = Ziggurat.UniformFromBits(draw) * _edges[strip];
        double e = (second >> 11) * (1.0 / 9007199254740992.0);
        double upper = _densities[strip + 1], edge = _edges[strip + 1];
        double height = upper + ((_densities[strip] - upper) * e);
        double tau = ((x * x) - (edge * edge)) * 0.5, square = tau * tau;
        // 0 ≤ τ < 0.74, so the series to τ⁸ errs by less than τ⁹/9! < 2e-7, and rounding by far less. The odd and the even terms side by side.
        double even = 1.0 + (square * (0.5 + (square * ((1.0 / 24.0) + (square * ((1.0 / 720.0) + (square * (1.0 / 40320.0))))))));
        double odd = 1.0 + (square * ((1.0 / 6.0) + (square * ((1.0 / 120.0) + (square * (1.0 / 5040.0))))));
        double above = height - (upper * (even - (tau * odd)));
        return Math.Abs(above) > upper * 1e-6 ? ~BitConverter.DoubleToUInt64Bits(above) >> 63 : RejectedExactly(second, (int)strip, x);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong RejectedExactly(ulong second, int strip, double x)
    {
        HostTables tables = default;
        return Ziggurat.AcceptWedge(second, strip, x, ref tables) ? 0ul : 1;
    }
}
