using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Runtime.Versioning;

namespace GpuCrypt.Perf.Stages;

/// <summary>
/// What this processor takes for the few instructions that the device lives on, in cycles: one after the other (latency) and beside each other
/// (throughput). 512-bit vectors.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class InstructionTimes
{
    private const int Loops = 2000;
    private const int Chain = 16;
    private const int Beside = 12;

    private static Vector512<uint> _sink;
    private static ulong _scalarSink;

    private InstructionTimes(double secondsPerCycle) => SecondsPerCycle = secondsPerCycle;

    /// <summary>The length of a cycle: one of a chain of additions of integers.</summary>
    public double SecondsPerCycle { get; }

    /// <summary>An addition, an exclusive or, an unpacking.</summary>
    public (double Latency, double Throughput) Add { get; private init; }

    /// <summary>A rotation or a shift.</summary>
    public (double Latency, double Throughput) Rotate { get; private init; }

    /// <summary>A function of three operands.</summary>
    public (double Latency, double Throughput) Ternary { get; private init; }

    /// <summary>A load from the first-level cache, with an exclusive or that takes it: cycles each, side by side.</summary>
    public double Load { get; private init; }

    /// <summary>Measures them; about two seconds.</summary>
    public static InstructionTimes Measure()
    {
        double cycle = Repeated.Seconds(ScalarChain) / (Loops * Chain);
        return new InstructionTimes(cycle)
        {
            Add = (Repeated.Seconds(AddChain) / (Loops * Chain * cycle), Repeated.Seconds(AddBeside) / (Loops * Beside * cycle)),
            Rotate = (Repeated.Seconds(RotateChain) / (Loops * Chain * cycle), Repeated.Seconds(RotateBeside) / (Loops * Beside * cycle)),
            Ternary = (Repeated.Seconds(TernaryChain) / (Loops * Chain * cycle), Repeated.Seconds(TernaryBeside) / (Loops * Beside * cycle)),
            Load = Repeated.Seconds(LoadBeside) / (Loops * Beside * cycle),
        };
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void ScalarChain()
    {
        ulong x = _scalarSink, y = x | 1;
        for (int i = 0; i < Loops; i++)
        {
            x += y;
            y += x;
            x += y;
            y += x;
            x += y;
            y += x;
            x += y;
            y += x;
            x += y;
            y += x;
            x += y;
            y += x;
            x += y;
            y += x;
            x += y;
            y += x;
        }

        _scalarSink = y;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void AddChain()
    {
        Vector512<uint> x = _sink, y = Vector512.Create(0x9e3779b9u);
        for (int i = 0; i < Loops; i++)
        {
            x += y;
            x += y;
            x += y;
            x += y;
            x += y;
            x += y;
            x += y;
            x += y;
            x += y;
            x += y;
            x += y;
            x += y;
            x += y;
            x += y;
            x += y;
            x += y;
        }

        _sink = x + y;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void AddBeside()
    {
        Vector512<uint> y = Vector512.Create(0x9e3779b9u), a = _sink, b = a, c = a, d = a, e = a, f = a, g = a, h = a, k = a, l = a, m = a, n = a;
        for (int i = 0; i < Loops; i++)
        {
            a += y;
            b += y;
            c += y;
            d += y;
            e += y;
            f += y;
            g += y;
            h += y;
            k += y;
            l += y;
            m += y;
            n += y;
        }

        _sink = a + b + c + d + e + f + g + h + k + l + m + n + y;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void RotateChain()
    {
        Vector512<uint> x = _sink, y = Vector512.Create(0x9e3779b9u);
        for (int i = 0; i < Loops; i++)
        {
            x = Avx512F.RotateRight(x, 7);
            x = Avx512F.RotateRight(x, 7);
            x = Avx512F.RotateRight(x, 7);
            x = Avx512F.RotateRight(x, 7);
            x = Avx512F.RotateRight(x, 7);
            x = Avx512F.RotateRight(x, 7);
            x = Avx512F.RotateRight(x, 7);
            x = Avx512F.RotateRight(x, 7);
            x = Avx512F.RotateRight(x, 7);
            x = Avx512F.RotateRight(x, 7);
            x = Avx512F.RotateRight(x, 7);
            x = Avx512F.RotateRight(x, 7);
            x = Avx512F.RotateRight(x, 7);
            x = Avx512F.RotateRight(x, 7);
            x = Avx512F.RotateRight(x, 7);
            x = Avx512F.RotateRight(x, 7);
        }

        _sink = x + y;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void RotateBeside()
    {
        Vector512<uint> y = Vector512.Create(0x9e3779b9u), a = _sink, b = a, c = a, d = a, e = a, f = a, g = a, h = a, k = a, l = a, m = a, n = a;
        for (int i = 0; i < Loops; i++)
        {
            a = Avx512F.RotateRight(a, 7);
            b = Avx512F.RotateRight(b, 7);
            c = Avx512F.RotateRight(c, 7);
            d = Avx512F.RotateRight(d, 7);
            e = Avx512F.RotateRight(e, 7);
            f = Avx512F.RotateRight(f, 7);
            g = Avx512F.RotateRight(g, 7);
            h = Avx512F.RotateRight(h, 7);
            k = Avx512F.RotateRight(k, 7);
            l = Avx512F.RotateRight(l, 7);
            m = Avx512F.RotateRight(m, 7);
            n = Avx512F.RotateRight(n, 7);
        }

        _sink = a + b + c + d + e + f + g + h + k + l + m + n + y;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void TernaryChain()
    {
        Vector512<uint> x = _sink, y = Vector512.Create(0x9e3779b9u);
        for (int i = 0; i < Loops; i++)
        {
            x = Avx512F.TernaryLogic(x, y, x, 0xca);
            x = Avx512F.TernaryLogic(x, y, x, 0xca);
            x = Avx512F.TernaryLogic(x, y, x, 0xca);
            x = Avx512F.TernaryLogic(x, y, x, 0xca);
            x = Avx512F.TernaryLogic(x, y, x, 0xca);
            x = Avx512F.TernaryLogic(x, y, x, 0xca);
            x = Avx512F.TernaryLogic(x, y, x, 0xca);
            x = Avx512F.TernaryLogic(x, y, x, 0xca);
            x = Avx512F.TernaryLogic(x, y, x, 0xca);
            x = Avx512F.TernaryLogic(x, y, x, 0xca);
            x = Avx512F.TernaryLogic(x, y, x, 0xca);
            x = Avx512F.TernaryLogic(x, y, x, 0xca);
            x = Avx512F.TernaryLogic(x, y, x, 0xca);
            x = Avx512F.TernaryLogic(x, y, x, 0xca);
            x = Avx512F.TernaryLogic(x, y, x, 0xca);
            x = Avx512F.TernaryLogic(x, y, x, 0xca);
        }

        _sink = x + y;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void TernaryBeside()
    {
        Vector512<uint> y = Vector512.Create(0x9e3779b9u), a = _sink, b = a, c = a, d = a, e = a, f = a, g = a, h = a, k = a, l = a, m = a, n = a;
        for (int i = 0; i < Loops; i++)
        {
            a = Avx512F.TernaryLogic(a, y, a, 0xca);
            b = Avx512F.TernaryLogic(b, y, b, 0xca);
            c = Avx512F.TernaryLogic(c, y, c, 0xca);
            d = Avx512F.TernaryLogic(d, y, d, 0xca);
            e = Avx512F.TernaryLogic(e, y, e, 0xca);
            f = Avx512F.TernaryLogic(f, y, f, 0xca);
            g = Avx512F.TernaryLogic(g, y, g, 0xca);
            h = Avx512F.TernaryLogic(h, y, h, 0xca);
            k = Avx512F.TernaryLogic(k, y, k, 0xca);
            l = Avx512F.TernaryLogic(l, y, l, 0xca);
            m = Avx512F.TernaryLogic(m, y, m, 0xca);
            n = Avx512F.TernaryLogic(n, y, n, 0xca);
        }

        _sink = a + b + c + d + e + f + g + h + k + l + m + n + y;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static unsafe void LoadBeside()
    {
        // On a cache line: one that lies across two takes two loads.
        Vector512<uint>* room = stackalloc Vector512<uint>[Beside + 1];
        uint* from = (uint*)(((nuint)room + 63) & ~(nuint)63);
        Vector512<uint> a = _sink, b = a, c = a, d = a, e = a, f = a, g = a, h = a, k = a, l = a, m = a, n = a;
        for (int i = 0; i < Loops; i++)
        {
            a ^= Vector512.Load(from + 0);
            b ^= Vector512.Load(from + 16);
            c ^= Vector512.Load(from + 32);
            d ^= Vector512.Load(from + 48);
            e ^= Vector512.Load(from + 64);
            f ^= Vector512.Load(from + 80);
            g ^= Vector512.Load(from + 96);
            h ^= Vector512.Load(from + 112);
            k ^= Vector512.Load(from + 128);
            l ^= Vector512.Load(from + 144);
            m ^= Vector512.Load(from + 160);
            n ^= Vector512.Load(from + 176);
        }

        _sink = a + b + c + d + e + f + g + h + k + l + m + n;
    }
}
