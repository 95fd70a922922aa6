// ChaCha20 (WIRE-FORMAT section 2) over sets of eight blocks, one a 32-bit lane of 256-bit vectors, up to four sets in turn.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>
/// The block function in lanes. AVX2's sixteen registers hold one set, whose quarter-rounds wait for each other more than half of the time;
/// so sets stay in memory and take turns, a round each, and one's loads and stores go on beside another's arithmetic. Stateless.
/// </summary>
internal static unsafe class ChaCha20Eights
{
    /// <summary>The number of blocks in a set.</summary>
    public const int Count = 8;

    /// <summary>The sets that are made at once, at most; more bring nothing.</summary>
    public const int MostSets = 4;

    /// <summary>The bytes of a state: the key's eight words and every set's sixteen, each a vector of lanes.</summary>
    public const int StateSize = (KeyWords + (MostSets * Words)) * 32;

    private const int KeyWords = 8;
    private const int Words = 16;

    /// <summary>Prepares a stream.</summary>
    /// <param name="key">Eight words, little-endian.</param>
    /// <param name="state">Receives <see cref="StateSize"/> bytes.</param>
    public static void Start(uint* key, Vector256<uint>* state)
    {
        for (int word = 0; word < KeyWords; word++)
            state[word] = Vector256.Create(key[word]);
    }

    /// <summary>Makes sets of consecutive blocks.</summary>
    /// <param name="state">What <see cref="Start"/> prepared.</param>
    /// <param name="first">The number of the first block.</param>
    /// <param name="destination">Receives 16 words a block.</param>
    /// <param name="sets">How many, 1 to <see cref="MostSets"/>.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Make(Vector256<uint>* state, ulong first, uint* destination, int sets)
    {
        Vector256<uint>* start = state + KeyWords, end = start + (sets * Words);
        ulong block = first;
        for (Vector256<uint>* x = start; x < end; x += Words, block += Count)
            Fill(state, block, x);
        for (int round = 0; round < 20; round += 2)
        {
            for (Vector256<uint>* x = start; x < end; x += Words)
            {
                TwoQuarterRounds(x, 0, 4, 8, 12, 1, 5, 9, 13);
                TwoQuarterRounds(x, 2, 6, 10, 14, 3, 7, 11, 15);
            }

            for (Vector256<uint>* x = start; x < end; x += Words)
            {
                TwoQuarterRounds(x, 0, 5, 10, 15, 1, 6, 11, 12);
                TwoQuarterRounds(x, 2, 7, 8, 13, 3, 4, 9, 14);
            }
        }

        block = first;
        for (Vector256<uint>* x = start; x < end; x += Words, block += Count, destination += Words * Count)
            Store(state, block, x, destination);
    }

    /// <summary>What a set starts from.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fill(Vector256<uint>* key, ulong block, Vector256<uint>* x)
    {
        x[0] = Vector256.Create(ChaCha20.Constant0);
        x[1] = Vector256.Create(ChaCha20.Constant1);
        x[2] = Vector256.Create(ChaCha20.Constant2);
        x[3] = Vector256.Create(ChaCha20.Constant3);
        for (int word = 0; word < KeyWords; word++)
            x[4 + word] = key[word];
        x[12] = LowCounters(block);
        x[13] = HighCounters(block);
        x[14] = Vector256<uint>.Zero;
        x[15] = Vector256<uint>.Zero;
    }

    /// <summary>Lane b belongs to block + b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> LowCounters(ulong block) => Vector256.Create((uint)block) + Vector256.Create(0u, 1, 2, 3, 4, 5, 6, 7);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> HighCounters(ulong block)
    {
        Vector256<uint> carry = Vector256.LessThan(LowCounters(block), Vector256.Create((uint)block)) & Vector256<uint>.One;
        return Vector256.Create((uint)(block >> 32)) + carry;
    }

    /// <summary>Two quarter-rounds in step, from memory to memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TwoQuarterRounds(Vector256<uint>* x, int a, int b, int c, int d, int e, int f, int g, int h)
    {
        Vector256<uint> b0 = x[b], b1 = x[f];
        Vector256<uint> a0 = x[a] + b0, a1 = x[e] + b1;
        Vector256<uint> d0 = Rotate16(x[d] ^ a0), d1 = Rotate16(x[h] ^ a1);
        Vector256<uint> c0 = x[c] + d0, c1 = x[g] + d1;
        b0 ^= c0;
        b1 ^= c1;
        b0 = (b0 << 12) | (b0 >>> 20);
        b1 = (b1 << 12) | (b1 >>> 20);
        a0 += b0;
        a1 += b1;
        x[a] = a0;
        x[e] = a1;
        d0 = Rotate8(d0 ^ a0);
        d1 = Rotate8(d1 ^ a1);
        x[d] = d0;
        x[h] = d1;
        c0 += d0;
        c1 += d1;
        x[c] = c0;
        x[g] = c1;
        b0 ^= c0;
        b1 ^= c1;
        x[b] = (b0 << 7) | (b0 >>> 25);
        x[f] = (b1 << 7) | (b1 >>> 25);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Rotate16(Vector256<uint> words) =>
        Avx2.Shuffle(words.AsByte(), Vector256.Create(Vector128.Create((byte)2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13))).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Rotate8(Vector256<uint> words) =>
        Avx2.Shuffle(words.AsByte(), Vector256.Create(Vector128.Create((byte)3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14))).AsUInt32();

    /// <summary>Adds what a set started from and stores its words by block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<uint>* key, ulong block, Vector256<uint>* x, uint* destination)
    {
        StoreHalves(
            x[0] + Vector256.Create(ChaCha20.Constant0),
            x[1] + Vector256.Create(ChaCha20.Constant1),
            x[2] + Vector256.Create(ChaCha20.Constant2),
            x[3] + Vector256.Create(ChaCha20.Constant3),
            x[4] + key[0],
            x[5] + key[1],
            x[6] + key[2],
            x[7] + key[3],
            destination);
        StoreHalves(
            x[8] + key[4],
            x[9] + key[5],
            x[10] + key[6],
            x[11] + key[7],
            x[12] + LowCounters(block),
            x[13] + HighCounters(block),
            x[14],
            x[15],
            destination + 8);
    }

    /// <summary>Stores eight words of eight blocks; <paramref name="destination"/> is at the first of the words in block 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreHalves(
        Vector256<uint> w0, Vector256<uint> w1, Vector256<uint> w2, Vector256<uint> w3,
        Vector256<uint> w4, Vector256<uint> w5, Vector256<uint> w6, Vector256<uint> w7, uint* destination)
    {
        Transpose4(w0, w1, w2, w3, out Vector256<uint> a0, out Vector256<uint> a1, out Vector256<uint> a2, out Vector256<uint> a3);
        Transpose4(w4, w5, w6, w7, out Vector256<uint> b0, out Vector256<uint> b1, out Vector256<uint> b2, out Vector256<uint> b3);
        Avx2.Permute2x128(a0, b0, 0x20).Store(destination);
        Avx2.Permute2x128(a1, b1, 0x20).Store(destination + 16);
        Avx2.Permute2x128(a2, b2, 0x20).Store(destination + 32);
        Avx2.Permute2x128(a3, b3, 0x20).Store(destination + 48);
        Avx2.Permute2x128(a0, b0, 0x31).Store(destination + 64);
        Avx2.Permute2x128(a1, b1, 0x31).Store(destination + 80);
        Avx2.Permute2x128(a2, b2, 0x31).Store(destination + 96);
        Avx2.Permute2x128(a3, b3, 0x31).Store(destination + 112);
    }

    /// <summary>From four words of eight blocks to vectors whose 128-bit lane L holds the four words of block 4L + j, j = 0..3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose4(
        Vector256<uint> w0, Vector256<uint> w1, Vector256<uint> w2, Vector256<uint> w3,
        out Vector256<uint> r0, out Vector256<uint> r1, out Vector256<uint> r2, out Vector256<uint> r3)
    {
        Vector256<ulong> low01 = Avx2.UnpackLow(w0, w1).AsUInt64(), high01 = Avx2.UnpackHigh(w0, w1).AsUInt64();
        Vector256<ulong> low23 = Avx2.UnpackLow(w2, w3).AsUInt64(), high23 = Avx2.UnpackHigh(w2, w3).AsUInt64();
        r0 = Avx2.UnpackLow(low01, low23).AsUInt32();
        r1 = Avx2.UnpackHigh(low01, low23).AsUInt32();
        r2 = Avx2.UnpackLow(high01, high23).AsUInt32();
        r3 = Avx2.UnpackHigh(high01, high23).AsUInt32();
    }
}
