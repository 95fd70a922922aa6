// ChaCha20 (WIRE-FORMAT section 2) over sixteen blocks at once, one a 32-bit
// lane of 512-bit vectors, and over twice sixteen.
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>
/// The block function in lanes. What a set of sixteen blocks starts from is <see cref="StateVectors"/> vectors: the key's eight words, then
/// the low and the high words of the counters; lanes may belong to one stream or to sixteen. Needs AVX-512 F. Stateless.
/// </summary>
internal static unsafe class ChaCha20Lanes
{
    /// <summary>The number of blocks in a set.</summary>
    public const int Count = 16;

    /// <summary>The vectors that a set starts from.</summary>
    public const int StateVectors = 10;

    /// <summary>Sets the counters to consecutive blocks of one stream.</summary>
    public static void SetBlocks(Vector512<uint>* state, ulong first)
    {
        Vector512<uint> low = Vector512.Create((uint)first) + Vector512.Create(0u, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        Vector512<uint> carry = Vector512.LessThan(low, Vector512.Create((uint)first)) & Vector512<uint>.One;
        state[8] = low;
        state[9] = Vector512.Create((uint)(first >> 32)) + carry;
    }

    /// <summary>Sets the counters to one block, the same of every lane's stream.</summary>
    public static void SetBlock(Vector512<uint>* state, ulong block)
    {
        state[8] = Vector512.Create((uint)block);
        state[9] = Vector512.Create((uint)(block >> 32));
    }

    /// <summary>
    /// Makes sixteen blocks. Its quarter-rounds wait for each other half of the time: two sets at once (<see cref="Pair"/>) take little longer
    /// than one.
    /// </summary>
    /// <param name="state">What the blocks start from.</param>
    /// <param name="destination">Receives 16 words a block.</param>
    /// <param name="stride">Words from one lane's block to the next lane's.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Single(Vector512<uint>* state, uint* destination, nint stride)
    {
        Vector512<uint> x0 = Vector512.Create(ChaCha20.Constant0);
        Vector512<uint> x1 = Vector512.Create(ChaCha20.Constant1);
        Vector512<uint> x2 = Vector512.Create(ChaCha20.Constant2);
        Vector512<uint> x3 = Vector512.Create(ChaCha20.Constant3);
        Vector512<uint> x4 = state[0], x5 = state[1], x6 = state[2], x7 = state[3];
        Vector512<uint> x8 = state[4], x9 = state[5], x10 = state[6], x11 = state[7];
        Vector512<uint> x12 = state[8], x13 = state[9], x14 = Vector512<uint>.Zero, x15 = Vector512<uint>.Zero;
        for (int round = 0; round < 20; round += 2)
        {
            Step(ref x0, ref x1, ref x2, ref x3, x4, x5, x6, x7, ref x12, ref x13, ref x14, ref x15, 16);
            Step(ref x8, ref x9, ref x10, ref x11, x12, x13, x14, x15, ref x4, ref x5, ref x6, ref x7, 12);
            Step(ref x0, ref x1, ref x2, ref x3, x4, x5, x6, x7, ref x12, ref x13, ref x14, ref x15, 8);
            Step(ref x8, ref x9, ref x10, ref x11, x12, x13, x14, x15, ref x4, ref x5, ref x6, ref x7, 7);
            Step(ref x0, ref x1, ref x2, ref x3, x5, x6, x7, x4, ref x15, ref x12, ref x13, ref x14, 16);
            Step(ref x10, ref x11, ref x8, ref x9, x15, x12, x13, x14, ref x5, ref x6, ref x7, ref x4, 12);
            Step(ref x0, ref x1, ref x2, ref x3, x5, x6, x7, x4, ref x15, ref x12, ref x13, ref x14, 8);
            Step(ref x10, ref x11, ref x8, ref x9, x15, x12, x13, x14, ref x5, ref x6, ref x7, ref x4, 7);
        }

        Store(x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15, state, destination, stride);
    }

    /// <summary>Makes two sets of sixteen blocks in step: 32 registers hold both.</summary>
    /// <param name="first">What the first set starts from.</param>
    /// <param name="firstDestination">Receives 16 words a block.</param>
    /// <param name="firstStride">Words from one lane's block to the next lane's.</param>
    /// <param name="second">What the second set starts from.</param>
    /// <param name="secondDestination">As the first.</param>
    /// <param name="secondStride">As the first.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Pair(
        Vector512<uint>* first, uint* firstDestination, nint firstStride, Vector512<uint>* second, uint* secondDestination, nint secondStride)
    {
        Vector512<uint> x0 = Vector512.Create(ChaCha20.Constant0);
        Vector512<uint> x1 = Vector512.Create(ChaCha20.Constant1);
        Vector512<uint> x2 = Vector512.Create(ChaCha20.Constant2);
        Vector512<uint> x3 = Vector512.Create(ChaCha20.Constant3);
        Vector512<uint> x4 = first[0], x5 = first[1], x6 = first[2], x7 = first[3];
        Vector512<uint> x8 = first[4], x9 = first[5], x10 = first[6], x11 = first[7];
        Vector512<uint> x12 = first[8], x13 = first[9], x14 = Vector512<uint>.Zero, x15 = Vector512<uint>.Zero;
        Vector512<uint> y0 = Vector512.Create(ChaCha20.Constant0);
        Vector512<uint> y1 = Vector512.Create(ChaCha20.Constant1);
        Vector512<uint> y2 = Vector512.Create(ChaCha20.Constant2);
        Vector512<uint> y3 = Vector512.Create(ChaCha20.Constant3);
        Vector512<uint> y4 = second[0], y5 = second[1], y6 = second[2], y7 = second[3];
        Vector512<uint> y8 = second[4], y9 = second[5], y10 = second[6], y11 = second[7];
        Vector512<uint> y12 = second[8], y13 = second[9], y14 = Vector512<uint>.Zero, y15 = Vector512<uint>.Zero;
        for (int round = 0; round < 20; round += 2)
        {
            Step(ref x0, ref x1, ref x2, ref x3, x4, x5, x6, x7, ref x12, ref x13, ref x14, ref x15, 16);
            Step(ref y0, ref y1, ref y2, ref y3, y4, y5, y6, y7, ref y12, ref y13, ref y14, ref y15, 16);
            Step(ref x8, ref x9, ref x10, ref x11, x12, x13, x14, x15, ref x4, ref x5, ref x6, ref x7, 12);
            Step(ref y8, ref y9, ref y10, ref y11, y12, y13, y14, y15, ref y4, ref y5, ref y6, ref y7, 12);
            Step(ref x0, ref x1, ref x2, ref x3, x4, x5, x6, x7, ref x12, ref x13, ref x14, ref x15, 8);
            Step(ref y0, ref y1, ref y2, ref y3, y4, y5, y6, y7, ref y12, ref y13, ref y14, ref y15, 8);
            Step(ref x8, ref x9, ref x10, ref x11, x12, x13, x14, x15, ref x4, ref x5, ref x6, ref x7, 7);
            Step(ref y8, ref y9, ref y10, ref y11, y12, y13, y14, y15, ref y4, ref y5, ref y6, ref y7, 7);
            Step(ref x0, ref x1, ref x2, ref x3, x5, x6, x7, x4, ref x15, ref x12, ref x13, ref x14, 16);
            Step(ref y0, ref y1, ref y2, ref y3, y5, y6, y7, y4, ref y15, ref y12, ref y13, ref y14, 16);
            Step(ref x10, ref x11, ref x8, ref x9, x15, x12, x13, x14, ref x5, ref x6, ref x7, ref x4, 12);
            Step(ref y10, ref y11, ref y8, ref y9, y15, y12, y13, y14, ref y5, ref y6, ref y7, ref y4, 12);
            Step(ref x0, ref x1, ref x2, ref x3, x5, x6, x7, x4, ref x15, ref x12, ref x13, ref x14, 8);
            Step(ref y0, ref y1, ref y2, ref y3, y5, y6, y7, y4, ref y15, ref y12, ref y13, ref y14, 8);
            Step(ref x10, ref x11, ref x8, ref x9, x15, x12, x13, x14, ref x5, ref x6, ref x7, ref x4, 7);
            Step(ref y10, ref y11, ref y8, ref y9, y15, y12, y13, y14, ref y5, ref y6, ref y7, ref y4, 7);
        }

        Store(x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15, first, firstDestination, firstStride);
        Store(y0, y1, y2, y3, y4, y5, y6, y7, y8, y9, y10, y11, y12, y13, y14, y15, second, secondDestination, secondStride);
    }

    /// <summary>a += b, d = (d ^ a) rotated, in four columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(
        ref Vector512<uint> a0, ref Vector512<uint> a1, ref Vector512<uint> a2, ref Vector512<uint> a3,
        Vector512<uint> b0, Vector512<uint> b1, Vector512<uint> b2, Vector512<uint> b3,
        ref Vector512<uint> d0, ref Vector512<uint> d1, ref Vector512<uint> d2, ref Vector512<uint> d3,
        [ConstantExpected] byte bits)
    {
        a0 += b0;
        a1 += b1;
        a2 += b2;
        a3 += b3;
        d0 = Avx512F.RotateLeft(d0 ^ a0, bits);
        d1 = Avx512F.RotateLeft(d1 ^ a1, bits);
        d2 = Avx512F.RotateLeft(d2 ^ a2, bits);
        d3 = Avx512F.RotateLeft(d3 ^ a3, bits);
    }

    /// <summary>Adds what the set started from and stores the words by block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(
        Vector512<uint> x0, Vector512<uint> x1, Vector512<uint> x2, Vector512<uint> x3, Vector512<uint> x4, Vector512<uint> x5, Vector512<uint> x6, Vector512<uint> x7,
        Vector512<uint> x8, Vector512<uint> x9, Vector512<uint> x10, Vector512<uint> x11, Vector512<uint> x12, Vector512<uint> x13, Vector512<uint> x14, Vector512<uint> x15,
        Vector512<uint>* state, uint* destination, nint stride)
    {
        x0 += Vector512.Create(ChaCha20.Constant0);
        x1 += Vector512.Create(ChaCha20.Constant1);
        x2 += Vector512.Create(ChaCha20.Constant2);
        x3 += Vector512.Create(ChaCha20.Constant3);
        x4 += state[0];
        x5 += state[1];
        x6 += state[2];
        x7 += state[3];
        x8 += state[4];
        x9 += state[5];
        x10 += state[6];
        x11 += state[7];
        x12 += state[8];
        x13 += state[9];

        // Four words of four blocks a time, then 128-bit lanes into their blocks.
        Transpose4(x0, x1, x2, x3, out Vector512<uint> a0, out Vector512<uint> a1, out Vector512<uint> a2, out Vector512<uint> a3);
        Transpose4(x4, x5, x6, x7, out Vector512<uint> b0, out Vector512<uint> b1, out Vector512<uint> b2, out Vector512<uint> b3);
        Transpose4(x8, x9, x10, x11, out Vector512<uint> c0, out Vector512<uint> c1, out Vector512<uint> c2, out Vector512<uint> c3);
        Transpose4(x12, x13, x14, x15, out Vector512<uint> d0, out Vector512<uint> d1, out Vector512<uint> d2, out Vector512<uint> d3);
        StoreBlocks(a0, b0, c0, d0, destination, stride);
        StoreBlocks(a1, b1, c1, d1, destination + stride, stride);
        StoreBlocks(a2, b2, c2, d2, destination + (2 * stride), stride);
        StoreBlocks(a3, b3, c3, d3, destination + (3 * stride), stride);
    }

    /// <summary>From four words of sixteen blocks to vectors whose 128-bit lane L holds the four words of block 4L + j, j = 0..3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose4(
        Vector512<uint> w0, Vector512<uint> w1, Vector512<uint> w2, Vector512<uint> w3,
        out Vector512<uint> r0, out Vector512<uint> r1, out Vector512<uint> r2, out Vector512<uint> r3)
    {
        Vector512<ulong> low01 = Avx512F.UnpackLow(w0, w1).AsUInt64(), high01 = Avx512F.UnpackHigh(w0, w1).AsUInt64();
        Vector512<ulong> low23 = Avx512F.UnpackLow(w2, w3).AsUInt64(), high23 = Avx512F.UnpackHigh(w2, w3).AsUInt64();
        r0 = Avx512F.UnpackLow(low01, low23).AsUInt32();
        r1 = Avx512F.UnpackHigh(low01, low23).AsUInt32();
        r2 = Avx512F.UnpackLow(high01, high23).AsUInt32();
        r3 = Avx512F.UnpackHigh(high01, high23).AsUInt32();
    }

    /// <summary>Stores blocks j, 4 + j, 8 + j and 12 + j; <paramref name="destination"/> is at block j.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreBlocks(Vector512<uint> a, Vector512<uint> b, Vector512<uint> c, Vector512<uint> d, uint* destination, nint stride)
    {
        Vector512<uint> even0 = Avx512F.Shuffle4x128(a, b, 0x88), odd0 = Avx512F.Shuffle4x128(a, b, 0xdd);
        Vector512<uint> even1 = Avx512F.Shuffle4x128(c, d, 0x88), odd1 = Avx512F.Shuffle4x128(c, d, 0xdd);
        Avx512F.Shuffle4x128(even0, even1, 0x88).Store(destination);
        Avx512F.Shuffle4x128(odd0, odd1, 0x88).Store(destination + (4 * stride));
        Avx512F.Shuffle4x128(even0, even1, 0xdd).Store(destination + (8 * stride));
        Avx512F.Shuffle4x128(odd0, odd1, 0xdd).Store(destination + (12 * stride));
    }
}
