// SHA-256 (FIPS 180-4): 32-byte digest, 64-byte blocks. Word-oriented, since every message of the scheme is a row of 32-bit words;
// byte appends exist for keys and payloads of other lengths.
using System.Numerics;

namespace GpuCrypt.Kernels.Scheme;

/// <summary>A 32-byte SHA-256 digest as eight big-endian words.</summary>
internal struct Digest
{
    /// <summary>The length in bytes.</summary>
    public const int Size = 32;

    internal uint H0, H1, H2, H3, H4, H5, H6, H7;

    /// <summary>Compares two digests in time that does not depend on where they differ.</summary>
    /// <returns>True when all 32 bytes are equal.</returns>
    public static bool FixedTimeEquals(ref Digest a, ref Digest b)
    {
        uint difference = (a.H0 ^ b.H0) | (a.H1 ^ b.H1) | (a.H2 ^ b.H2) | (a.H3 ^ b.H3)
            | (a.H4 ^ b.H4) | (a.H5 ^ b.H5) | (a.H6 ^ b.H6) | (a.H7 ^ b.H7);
        return difference == 0;
    }
}

/// <summary>Incremental SHA-256. A mutable struct: pass it by reference.</summary>
internal struct Sha256
{
    private Digest _state;
    private Words _block;
    private uint _word;
    private ulong _length;

    /// <summary>The initial state.</summary>
    public static Sha256 Create()
    {
        Sha256 hash = default;
        hash._state.H0 = 0x6a09e667;
        hash._state.H1 = 0xbb67ae85;
        hash._state.H2 = 0x3c6ef372;
        hash._state.H3 = 0xa54ff53a;
        hash._state.H4 = 0x510e527f;
        hash._state.H5 = 0x9b05688c;
        hash._state.H6 = 0x1f83d9ab;
        hash._state.H7 = 0x5be0cd19;
        return hash;
    }

    /// <summary>A hash that goes on from <paramref name="state"/>, reached after <paramref name="blocks"/> whole blocks.</summary>
    public static Sha256 Resume(ref Digest state, uint blocks)
    {
        Sha256 hash = default;
        hash._state = state;
        hash._length = blocks * 64UL;
        return hash;
    }

    /// <summary>The chaining state; meaningful when the message so far is a whole number of 64-byte blocks.</summary>
    public readonly void State(out Digest state) => state = _state;

    /// <summary>Appends four bytes, the big-endian form of <paramref name="word"/>. The message so far must be a whole number of words.</summary>
    public void AppendWord(uint word)
    {
        int index = (int)(_length >> 2) & 15;
        _block.Set(index, word);
        _length += 4;
        if (index == 15)
            Compress(ref _state, ref _block);
    }

    /// <summary>Appends one byte.</summary>
    public void AppendByte(byte value)
    {
        _word = (_word << 8) | value;
        if ((_length & 3) != 3)
        {
            _length++;
            return;
        }

        _length -= 3;
        AppendWord(_word);
    }

    /// <summary>Pads the message and gives its digest. The hash is spent afterwards.</summary>
    public void Finish(out Digest digest)
    {
        ulong bits = _length * 8;
        AppendByte(0x80);
        while ((_length & 3) != 0)
            AppendByte(0);
        while (((_length >> 2) & 15) != 14)
            AppendWord(0);
        AppendWord((uint)(bits >> 32));
        AppendWord((uint)bits);
        digest = _state;
    }

    private static void Compress(ref Digest state, ref Words block)
    {
        uint a = state.H0, b = state.H1, c = state.H2, d = state.H3, e = state.H4, f = state.H5, g = state.H6, h = state.H7;
        uint w0 = block.W0, w1 = block.W1, w2 = block.W2, w3 = block.W3, w4 = block.W4, w5 = block.W5, w6 = block.W6, w7 = block.W7;
        uint w8 = block.W8, w9 = block.W9, w10 = block.W10, w11 = block.W11, w12 = block.W12, w13 = block.W13, w14 = block.W14, w15 = block.W15;

        Round(a, b, c, ref d, e, f, g, ref h, 0x428a2f98 + w0);
        Round(h, a, b, ref c, d, e, f, ref g, 0x71374491 + w1);
        Round(g, h, a, ref b, c, d, e, ref f, 0xb5c0fbcf + w2);
        Round(f, g, h, ref a, b, c, d, ref e, 0xe9b5dba5 + w3);
        Round(e, f, g, ref h, a, b, c, ref d, 0x3956c25b + w4);
        Round(d, e, f, ref g, h, a, b, ref c, 0x59f111f1 + w5);
        Round(c, d, e, ref f, g, h, a, ref b, 0x923f82a4 + w6);
        Round(b, c, d, ref e, f, g, h, ref a, 0xab1c5ed5 + w7);
        Round(a, b, c, ref d, e, f, g, ref h, 0xd807aa98 + w8);
        Round(h, a, b, ref c, d, e, f, ref g, 0x12835b01 + w9);
        Round(g, h, a, ref b, c, d, e, ref f, 0x243185be + w10);
        Round(f, g, h, ref a, b, c, d, ref e, 0x550c7dc3 + w11);
        Round(e, f, g, ref h, a, b, c, ref d, 0x72be5d74 + w12);
        Round(d, e, f, ref g, h, a, b, ref c, 0x80deb1fe + w13);
        Round(c, d, e, ref f, g, h, a, ref b, 0x9bdc06a7 + w14);
        Round(b, c, d, ref e, f, g, h, ref a, 0xc19bf174 + w15);

        w0 += SmallSigma1(w14) + w9 + SmallSigma0(w1);
        Round(a, b, c, ref d, e, f, g, ref h, 0xe49b69c1 + w0);
        w1 += SmallSigma1(w15) + w10 + SmallSigma0(w2);
        Round(h, a, b, ref c, d, e, f, ref g, 0xefbe4786 + w1);
        w2 += SmallSigma1(w0) + w11 + SmallSigma0(w3);
        Round(g, h, a, ref b, c, d, e, ref f, 0x0fc19dc6 + w2);
        w3 += SmallSigma1(w1) + w12 + SmallSigma0(w4);
        Round(f, g, h, ref a, b, c, d, ref e, 0x240ca1cc + w3);
        w4 += SmallSigma1(w2) + w13 + SmallSigma0(w5);
        Round(e, f, g, ref h, a, b, c, ref d, 0x2de92c6f + w4);
        w5 += SmallSigma1(w3) + w14 + SmallSigma0(w6);
        Round(d, e, f, ref g, h, a, b, ref c, 0x4a7484aa + w5);
        w6 += SmallSigma1(w4) + w15 + SmallSigma0(w7);
        Round(c, d, e, ref f, g, h, a, ref b, 0x5cb0a9dc + w6);
        w7 += SmallSigma1(w5) + w0 + SmallSigma0(w8);
        Round(b, c, d, ref e, f, g, h, ref a, 0x76f988da + w7);
        w8 += SmallSigma1(w6) + w1 + SmallSigma0(w9);
        Round(a, b, c, ref d, e, f, g, ref h, 0x983e5152 + w8);
        w9 += SmallSigma1(w7) + w2 + SmallSigma0(w10);
        Round(h, a, b, ref c, d, e, f, ref g, 0xa831c66d + w9);
        w10 += SmallSigma1(w8) + w3 + SmallSigma0(w11);
        Round(g, h, a, ref b, c, d, e, ref f, 0xb00327c8 + w10);
        w11 += SmallSigma1(w9) + w4 + SmallSigma0(w12);
        Round(f, g, h, ref a, b, c, d, ref e, 0xbf597fc7 + w11);
        w12 += SmallSigma1(w10) + w5 + SmallSigma0(w13);
        Round(e, f, g, ref h, a, b, c, ref d, 0xc6e00bf3 + w12);
        w13 += SmallSigma1(w11) + w6 + SmallSigma0(w14);
        Round(d, e, f, ref g, h, a, b, ref c, 0xd5a79147 + w13);
        w14 += SmallSigma1(w12) + w7 + SmallSigma0(w15);
        Round(c, d, e, ref f, g, h, a, ref b, 0x06ca6351 + w14);
        w15 += SmallSigma1(w13) + w8 + SmallSigma0(w0);
        Round(b, c, d, ref e, f, g, h, ref a, 0x14292967 + w15);

        w0 += SmallSigma1(w14) + w9 + SmallSigma0(w1);
        Round(a, b, c, ref d, e, f, g, ref h, 0x27b70a85 + w0);
        w1 += SmallSigma1(w15) + w10 + SmallSigma0(w2);
        Round(h, a, b, ref c, d, e, f, ref g, 0x2e1b2138 + w1);
        w2 += SmallSigma1(w0) + w11 + SmallSigma0(w3);
        Round(g, h, a, ref b, c, d, e, ref f, 0x4d2c6dfc + w2);
        w3 += SmallSigma1(w1) + w12 + SmallSigma0(w4);
        Round(f, g, h, ref a, b, c, d, ref e, 0x53380d13 + w3);
        w4 += SmallSigma1(w2) + w13 + SmallSigma0(w5);
        Round(e, f, g, ref h, a, b, c, ref d, 0x650a7354 + w4);
        w5 += SmallSigma1(w3) + w14 + SmallSigma0(w6);
        Round(d, e, f, ref g, h, a, b, ref c, 0x766a0abb + w5);
        w6 += SmallSigma1(w4) + w15 + SmallSigma0(w7);
        Round(c, d, e, ref f, g, h, a, ref b, 0x81c2c92e + w6);
        w7 += SmallSigma1(w5) + w0 + SmallSigma0(w8);
        Round(b, c, d, ref e, f, g, h, ref a, 0x92722c85 + w7);
        w8 += SmallSigma1(w6) + w1 + SmallSigma0(w9);
        Round(a, b, c, ref d, e, f, g, ref h, 0xa2bfe8a1 + w8);
        w9 += SmallSigma1(w7) + w2 + SmallSigma0(w10);
        Round(h, a, b, ref c, d, e, f, ref g, 0xa81a664b + w9);
        w10 += SmallSigma1(w8) + w3 + SmallSigma0(w11);
        Round(g, h, a, ref b, c, d, e, ref f, 0xc24b8b70 + w10);
        w11 += SmallSigma1(w9) + w4 + SmallSigma0(w12);
        Round(f, g, h, ref a, b, c, d, ref e, 0xc76c51a3 + w11);
        w12 += SmallSigma1(w10) + w5 + SmallSigma0(w13);
        Round(e, f, g, ref h, a, b, c, ref d, 0xd192e819 + w12);
        w13 += SmallSigma1(w11) + w6 + SmallSigma0(w14);
        Round(d, e, f, ref g, h, a, b, ref c, 0xd6990624 + w13);
        w14 += SmallSigma1(w12) + w7 + SmallSigma0(w15);
        Round(c, d, e, ref f, g, h, a, ref b, 0xf40e3585 + w14);
        w15 += SmallSigma1(w13) + w8 + SmallSigma0(w0);
        Round(b, c, d, ref e, f, g, h, ref a, 0x106aa070 + w15);

        w0 += SmallSigma1(w14) + w9 + SmallSigma0(w1);
        Round(a, b, c, ref d, e, f, g, ref h, 0x19a4c116 + w0);
        w1 += SmallSigma1(w15) + w10 + SmallSigma0(w2);
        Round(h, a, b, ref c, d, e, f, ref g, 0x1e376c08 + w1);
        w2 += SmallSigma1(w0) + w11 + SmallSigma0(w3);
        Round(g, h, a, ref b, c, d, e, ref f, 0x2748774c + w2);
        w3 += SmallSigma1(w1) + w12 + SmallSigma0(w4);
        Round(f, g, h, ref a, b, c, d, ref e, 0x34b0bcb5 + w3);
        w4 += SmallSigma1(w2) + w13 + SmallSigma0(w5);
        Round(e, f, g, ref h, a, b, c, ref d, 0x391c0cb3 + w4);
        w5 += SmallSigma1(w3) + w14 + SmallSigma0(w6);
        Round(d, e, f, ref g, h, a, b, ref c, 0x4ed8aa4a + w5);
        w6 += SmallSigma1(w4) + w15 + SmallSigma0(w7);
        Round(c, d, e, ref f, g, h, a, ref b, 0x5b9cca4f + w6);
        w7 += SmallSigma1(w5) + w0 + SmallSigma0(w8);
        Round(b, c, d, ref e, f, g, h, ref a, 0x682e6ff3 + w7);
        w8 += SmallSigma1(w6) + w1 + SmallSigma0(w9);
        Round(a, b, c, ref d, e, f, g, ref h, 0x748f82ee + w8);
        w9 += SmallSigma1(w7) + w2 + SmallSigma0(w10);
        Round(h, a, b, ref c, d, e, f, ref g, 0x78a5636f + w9);
        w10 += SmallSigma1(w8) + w3 + SmallSigma0(w11);
        Round(g, h, a, ref b, c, d, e, ref f, 0x84c87814 + w10);
        w11 += SmallSigma1(w9) + w4 + SmallSigma0(w12);
        Round(f, g, h, ref a, b, c, d, ref e, 0x8cc70208 + w11);
        w12 += SmallSigma1(w10) + w5 + SmallSigma0(w13);
        Round(e, f, g, ref h, a, b, c, ref d, 0x90befffa + w12);
        w13 += SmallSigma1(w11) + w6 + SmallSigma0(w14);
        Round(d, e, f, ref g, h, a, b, ref c, 0xa4506ceb + w13);
        w14 += SmallSigma1(w12) + w7 + SmallSigma0(w15);
        Round(c, d, e, ref f, g, h, a, ref b, 0xbef9a3f7 + w14);
        w15 += SmallSigma1(w13) + w8 + SmallSigma0(w0);
        Round(b, c, d, ref e, f, g, h, ref a, 0xc67178f2 + w15);

        state.H0 += a;
        state.H1 += b;
        state.H2 += c;
        state.H3 += d;
        state.H4 += e;
        state.H5 += f;
        state.H6 += g;
        state.H7 += h;
    }

    private static void Round(uint a, uint b, uint c, ref uint d, uint e, uint f, uint g, ref uint h, uint constantPlusWord)
    {
        uint sum1 = BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25);
        uint choice = g ^ (e & (f ^ g));
        uint t1 = h + sum1 + choice + constantPlusWord;
        uint sum0 = BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22);
        uint majority = (a & b) | (c & (a | b));
        d += t1;
        h = t1 + sum0 + majority;
    }

    private static uint SmallSigma0(uint w) => BitOperations.RotateRight(w, 7) ^ BitOperations.RotateRight(w, 18) ^ (w >> 3);

    private static uint SmallSigma1(uint w) => BitOperations.RotateRight(w, 17) ^ BitOperations.RotateRight(w, 19) ^ (w >> 10);

    private struct Words
    {
        internal uint W0, W1, W2, W3, W4, W5, W6, W7, W8, W9, W10, W11, W12, W13, W14, W15;

        internal void Set(int index, uint value)
        {
            switch (index)
            {
                case 0:
                    W0 = value;
                    break;
                case 1:
                    W1 = value;
                    break;
                case 2:
                    W2 = value;
                    break;
                case 3:
                    W3 = value;
                    break;
                case 4:
                    W4 = value;
                    break;
                case 5:
                    W5 = value;
                    break;
                case 6:
                    W6 = value;
                    break;
                case 7:
                    W7 = value;
                    break;
                case 8:
                    W8 = value;
                    break;
                case 9:
                    W9 = value;
                    break;
                case 10:
                    W10 = value;
                    break;
                case 11:
                    W11 = value;
                    break;
                case 12:
                    W12 = value;
                    break;
                case 13:
                    W13 = value;
                    break;
                case 14:
                    W14 = value;
                    break;
                default:
                    W15 = value;
                    break;
            }
        }
    }
}
