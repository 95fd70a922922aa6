// ChaCha20 block function: 256-bit key, 64-bit block counter, 64-bit nonce (zero here), 20 rounds, 64-byte blocks.
// RFC 8439 section 2.3, with the original 64-bit counter in words 12 and 13 (WIRE-FORMAT section 2).
using System.Numerics;

namespace GpuCrypt.Kernels.Scheme;

/// <summary>Sixteen words: the input state or the output block of ChaCha20.</summary>
internal struct ChaChaBlock
{
    internal uint W0, W1, W2, W3, W4, W5, W6, W7, W8, W9, W10, W11, W12, W13, W14, W15;

    /// <summary>Word <paramref name="index"/> (0 to 15) of the block, in stream order.</summary>
    public readonly uint Word(int index) => (index & 15) switch
    {
        0 => W0,
        1 => W1,
        2 => W2,
        3 => W3,
        4 => W4,
        5 => W5,
        6 => W6,
        7 => W7,
        8 => W8,
        9 => W9,
        10 => W10,
        11 => W11,
        12 => W12,
        13 => W13,
        14 => W14,
        _ => W15,
    };
}

/// <summary>The ChaCha20 block function.</summary>
internal static class ChaCha20
{
    /// <summary>The four constant words, "expand 32-byte k" in little-endian order.</summary>
    internal const uint Constant0 = 0x61707865, Constant1 = 0x3320646e, Constant2 = 0x79622d32, Constant3 = 0x6b206574;

    /// <summary>Computes one 64-byte block.</summary>
    /// <param name="state">The sixteen input words: constants, key, counter, nonce.</param>
    /// <param name="block">The output words.</param>
    public static void Block(ref ChaChaBlock state, out ChaChaBlock block)
    {
        ChaChaBlock x = state;
        for (int round = 0; round < 20; round += 2)
        {
            QuarterRound(ref x.W0, ref x.W4, ref x.W8, ref x.W12);
            QuarterRound(ref x.W1, ref x.W5, ref x.W9, ref x.W13);
            QuarterRound(ref x.W2, ref x.W6, ref x.W10, ref x.W14);
            QuarterRound(ref x.W3, ref x.W7, ref x.W11, ref x.W15);
            QuarterRound(ref x.W0, ref x.W5, ref x.W10, ref x.W15);
            QuarterRound(ref x.W1, ref x.W6, ref x.W11, ref x.W12);
            QuarterRound(ref x.W2, ref x.W7, ref x.W8, ref x.W13);
            QuarterRound(ref x.W3, ref x.W4, ref x.W9, ref x.W14);
        }

        x.W0 += state.W0;
        x.W1 += state.W1;
        x.W2 += state.W2;
        x.W3 += state.W3;
        x.W4 += state.W4;
        x.W5 += state.W5;
        x.W6 += state.W6;
        x.W7 += state.W7;
        x.W8 += state.W8;
        x.W9 += state.W9;
        x.W10 += state.W10;
        x.W11 += state.W11;
        x.W12 += state.W12;
        x.W13 += state.W13;
        x.W14 += state.W14;
        x.W15 += state.W15;
        block = x;
    }

    /// <summary>RFC 8439 section 2.1.</summary>
    internal static void QuarterRound(ref uint a, ref uint b, ref uint c, ref uint d)
    {
        a += b;
        d = BitOperations.RotateLeft(d ^ a, 16);
        c += d;
        b = BitOperations.RotateLeft(b ^ c, 12);
        a += b;
        d = BitOperations.RotateLeft(d ^ a, 8);
        c += d;
        b = BitOperations.RotateLeft(b ^ c, 7);
    }
}
