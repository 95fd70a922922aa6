// SHA-256 (FIPS 180-4) over sixteen messages at once, one a 32-bit lane of 512-bit vectors.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>The compression function in sixteen lanes, and the turn from rows of words to lanes. Needs AVX-512 F. Stateless.</summary>
internal static unsafe class Sha256Lanes
{
    /// <summary>The number of messages.</summary>
    public const int Count = 16;

    private static ReadOnlySpan<uint> Constants =>
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    /// <summary>Compresses one block of every message.</summary>
    /// <param name="state">Eight words of chaining state, each a vector of lanes; updated.</param>
    /// <param name="block">Sixteen message words, each a vector of lanes.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Compress(Vector512<uint>* state, Vector512<uint>* block)
    {
        Vector512<uint> a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
        Vector512<uint> w0 = block[0], w1 = block[1], w2 = block[2], w3 = block[3], w4 = block[4], w5 = block[5], w6 = block[6], w7 = block[7];
        Vector512<uint> w8 = block[8], w9 = block[9], w10 = block[10], w11 = block[11], w12 = block[12], w13 = block[13], w14 = block[14], w15 = block[15];
        uint* k = (uint*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Constants));
        for (uint* last = k + 48; k < last; k += 16)
        {
            // A word is replaced by its successor of sixteen rounds later as soon as it is used: the schedule fills the waits of the rounds.
            Round(a, b, c, ref d, e, f, g, ref h, w0 + Vector512.Create(k[0]));
            w0 = Schedule(w0, w1, w9, w14);
            Round(h, a, b, ref c, d, e, f, ref g, w1 + Vector512.Create(k[1]));
            w1 = Schedule(w1, w2, w10, w15);
            Round(g, h, a, ref b, c, d, e, ref f, w2 + Vector512.Create(k[2]));
            w2 = Schedule(w2, w3, w11, w0);
            Round(f, g, h, ref a, b, c, d, ref e, w3 + Vector512.Create(k[3]));
            w3 = Schedule(w3, w4, w12, w1);
            Round(e, f, g, ref h, a, b, c, ref d, w4 + Vector512.Create(k[4]));
            w4 = Schedule(w4, w5, w13, w2);
            Round(d, e, f, ref g, h, a, b, ref c, w5 + Vector512.Create(k[5]));
            w5 = Schedule(w5, w6, w14, w3);
            Round(c, d, e, ref f, g, h, a, ref b, w6 + Vector512.Create(k[6]));
            w6 = Schedule(w6, w7, w15, w4);
            Round(b, c, d, ref e, f, g, h, ref a, w7 + Vector512.Create(k[7]));
            w7 = Schedule(w7, w8, w0, w5);
            Round(a, b, c, ref d, e, f, g, ref h, w8 + Vector512.Create(k[8]));
            w8 = Schedule(w8, w9, w1, w6);
            Round(h, a, b, ref c, d, e, f, ref g, w9 + Vector512.Create(k[9]));
            w9 = Schedule(w9, w10, w2, w7);
            Round(g, h, a, ref b, c, d, e, ref f, w10 + Vector512.Create(k[10]));
            w10 = Schedule(w10, w11, w3, w8);
            Round(f, g, h, ref a, b, c, d, ref e, w11 + Vector512.Create(k[11]));
            w11 = Schedule(w11, w12, w4, w9);
            Round(e, f, g, ref h, a, b, c, ref d, w12 + Vector512.Create(k[12]));
            w12 = Schedule(w12, w13, w5, w10);
            Round(d, e, f, ref g, h, a, b, ref c, w13 + Vector512.Create(k[13]));
            w13 = Schedule(w13, w14, w6, w11);
            Round(c, d, e, ref f, g, h, a, ref b, w14 + Vector512.Create(k[14]));
            w14 = Schedule(w14, w15, w7, w12);
            Round(b, c, d, ref e, f, g, h, ref a, w15 + Vector512.Create(k[15]));
            w15 = Schedule(w15, w0, w8, w13);
        }

        Round(a, b, c, ref d, e, f, g, ref h, w0 + Vector512.Create(k[0]));
        Round(h, a, b, ref c, d, e, f, ref g, w1 + Vector512.Create(k[1]));
        Round(g, h, a, ref b, c, d, e, ref f, w2 + Vector512.Create(k[2]));
        Round(f, g, h, ref a, b, c, d, ref e, w3 + Vector512.Create(k[3]));
        Round(e, f, g, ref h, a, b, c, ref d, w4 + Vector512.Create(k[4]));
        Round(d, e, f, ref g, h, a, b, ref c, w5 + Vector512.Create(k[5]));
        Round(c, d, e, ref f, g, h, a, ref b, w6 + Vector512.Create(k[6]));
        Round(b, c, d, ref e, f, g, h, ref a, w7 + Vector512.Create(k[7]));
        Round(a, b, c, ref d, e, f, g, ref h, w8 + Vector512.Create(k[8]));
        Round(h, a, b, ref c, d, e, f, ref g, w9 + Vector512.Create(k[9]));
        Round(g, h, a, ref b, c, d, e, ref f, w10 + Vector512.Create(k[10]));
        Round(f, g, h, ref a, b, c, d, ref e, w11 + Vector512.Create(k[11]));
        Round(e, f, g, ref h, a, b, c, ref d, w12 + Vector512.Create(k[12]));
        Round(d, e, f, ref g, h, a, b, ref c, w13 + Vector512.Create(k[13]));
        Round(c, d, e, ref f, g, h, a, ref b, w14 + Vector512.Create(k[14]));
        Round(b, c, d, ref e, f, g, h, ref a, w15 + Vector512.Create(k[15]));

        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }

    /// <summary>Turns sixteen rows of sixteen words into sixteen vectors of lanes: lane r of word t is word <paramref name="first"/> + t of row r.</summary>
    /// <param name="rows">Where the rows are.</param>
    /// <param name="first">The first word of each row that is turned.</param>
    /// <param name="destination">Receives sixteen vectors; may be where the rows are.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(uint** rows, nint first, Vector512<uint>* destination)
    {
        Quarter(Load(rows, 0, first), Load(rows, 1, first), Load(rows, 2, first), Load(rows, 3, first), out Vector512<uint> a0, out Vector512<uint> a1, out Vector512<uint> a2, out Vector512<uint> a3);
        Quarter(Load(rows, 4, first), Load(rows, 5, first), Load(rows, 6, first), Load(rows, 7, first), out Vector512<uint> b0, out Vector512<uint> b1, out Vector512<uint> b2, out Vector512<uint> b3);
        Quarter(Load(rows, 8, first), Load(rows, 9, first), Load(rows, 10, first), Load(rows, 11, first), out Vector512<uint> c0, out Vector512<uint> c1, out Vector512<uint> c2, out Vector512<uint> c3);
        Quarter(Load(rows, 12, first), Load(rows, 13, first), Load(rows, 14, first), Load(rows, 15, first), out Vector512<uint> d0, out Vector512<uint> d1, out Vector512<uint> d2, out Vector512<uint> d3);
        StoreLanes(a0, b0, c0, d0, destination);
        StoreLanes(a1, b1, c1, d1, destination + 1);
        StoreLanes(a2, b2, c2, d2, destination + 2);
        StoreLanes(a3, b3, c3, d3, destination + 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Load(uint** rows, int row, nint first) => Vector512.Load(rows[row] + first);

    /// <summary>Four words of four rows a time: 128-bit lane L of r0 to r3 holds words 4L to 4L + 3, one each, of the four rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quarter(
        Vector512<uint> row0, Vector512<uint> row1, Vector512<uint> row2, Vector512<uint> row3,
        out Vector512<uint> r0, out Vector512<uint> r1, out Vector512<uint> r2, out Vector512<uint> r3)
    {
        Vector512<ulong> low01 = Avx512F.UnpackLow(row0, row1).AsUInt64(), high01 = Avx512F.UnpackHigh(row0, row1).AsUInt64();
        Vector512<ulong> low23 = Avx512F.UnpackLow(row2, row3).AsUInt64(), high23 = Avx512F.UnpackHigh(row2, row3).AsUInt64();
        r0 = Avx512F.UnpackLow(low01, low23).AsUInt32();
        r1 = Avx512F.UnpackHigh(low01, low23).AsUInt32();
        r2 = Avx512F.UnpackLow(high01, high23).AsUInt32();
        r3 = Avx512F.UnpackHigh(high01, high23).AsUInt32();
    }

    /// <summary>Then the 128-bit lanes: words j, 4 + j, 8 + j and 12 + j; <paramref name="destination"/> is at word j.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreLanes(Vector512<uint> a, Vector512<uint> b, Vector512<uint> c, Vector512<uint> d, Vector512<uint>* destination)
    {
        Vector512<uint> even0 = Avx512F.Shuffle4x128(a, b, 0x88), odd0 = Avx512F.Shuffle4x128(a, b, 0xdd);
        Vector512<uint> even1 = Avx512F.Shuffle4x128(c, d, 0x88), odd1 = Avx512F.Shuffle4x128(c, d, 0xdd);
        destination[0] = Avx512F.Shuffle4x128(even0, even1, 0x88);
        destination[4] = Avx512F.Shuffle4x128(odd0, odd1, 0x88);
        destination[8] = Avx512F.Shuffle4x128(even0, even1, 0xdd);
        destination[12] = Avx512F.Shuffle4x128(odd0, odd1, 0xdd);
    }

    /// <summary>
    /// One round. The operands of its sums are ordered by when they are there: what depends on e is added last, so that the next e takes a
    /// rotation, a ternary operation and an addition, and no more, from one round to the next; likewise a.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(
        Vector512<uint> a, Vector512<uint> b, Vector512<uint> c, ref Vector512<uint> d, Vector512<uint> e, Vector512<uint> f, Vector512<uint> g, ref Vector512<uint> h, Vector512<uint> constantPlusWord)
    {
        // 0xca: e ? f : g; 0xe8: the majority.
        Vector512<uint> sum1 = Xor3(Avx512F.RotateRight(e, 6), Avx512F.RotateRight(e, 11), Avx512F.RotateRight(e, 25));
        Vector512<uint> choice = Avx512F.TernaryLogic(e, f, g, 0xca);
        Vector512<uint> early = h + constantPlusWord;
        Vector512<uint> next = d + early;
        d = (next + choice) + sum1;
        Vector512<uint> sum0 = Xor3(Avx512F.RotateRight(a, 2), Avx512F.RotateRight(a, 13), Avx512F.RotateRight(a, 22));
        h = (((early + choice) + sum1) + Avx512F.TernaryLogic(a, b, c, 0xe8)) + sum0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Schedule(Vector512<uint> word, Vector512<uint> second, Vector512<uint> tenth, Vector512<uint> fifteenth) =>
        (word + tenth) + (SmallSigma0(second) + SmallSigma1(fifteenth));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> SmallSigma0(Vector512<uint> w) => Xor3(Avx512F.RotateRight(w, 7), Avx512F.RotateRight(w, 18), w >>> 3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> SmallSigma1(Vector512<uint> w) => Xor3(Avx512F.RotateRight(w, 17), Avx512F.RotateRight(w, 19), w >>> 10);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Xor3(Vector512<uint> a, Vector512<uint> b, Vector512<uint> c) => Avx512F.TernaryLogic(a, b, c, 0x96);
}
