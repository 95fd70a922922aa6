// The deterministic random stream of WIRE-FORMAT section 2: ChaCha20 under HMAC-SHA256(K, payload), read as 32-bit words without gaps.
using System.Buffers.Binary;

namespace GpuCrypt.Kernels.Scheme;

/// <summary>A stream of random words. A mutable struct: pass it by reference. It holds a derived key; it lives on the stack or in device registers.</summary>
internal struct RandomStream
{
    private ChaChaBlock _state;
    private ChaChaBlock _block;
    private int _next;

    /// <summary>Starts the stream for a 12-byte payload: the noise of one vector.</summary>
    /// <param name="key">The key.</param>
    /// <param name="iv">The vector's IV.</param>
    /// <returns>The stream at word 0.</returns>
    public static RandomStream ForNoise(ref KeyMaterial key, ref Iv iv)
    {
        HmacSha256 mac = HmacSha256.Create(ref key);
        mac.AppendWord(iv.W0);
        mac.AppendWord(iv.W1);
        mac.AppendWord(iv.W2);
        mac.Finish(out Digest seed);
        return FromSeed(ref seed);
    }

    /// <summary>Starts the stream whose ChaCha20 key is <paramref name="seed"/>, the 32 bytes of HMAC-SHA256(K, payload).</summary>
    /// <param name="seed">The ChaCha20 key as a digest (big-endian words).</param>
    /// <returns>The stream at word 0.</returns>
    public static RandomStream FromSeed(ref Digest seed)
    {
        RandomStream stream = default;
        stream._state.W0 = ChaCha20.Constant0;
        stream._state.W1 = ChaCha20.Constant1;
        stream._state.W2 = ChaCha20.Constant2;
        stream._state.W3 = ChaCha20.Constant3;
        // A digest is a byte string; ChaCha20 reads its key little-endian.
        stream._state.W4 = BinaryPrimitives.ReverseEndianness(seed.H0);
        stream._state.W5 = BinaryPrimitives.ReverseEndianness(seed.H1);
        stream._state.W6 = BinaryPrimitives.ReverseEndianness(seed.H2);
        stream._state.W7 = BinaryPrimitives.ReverseEndianness(seed.H3);
        stream._state.W8 = BinaryPrimitives.ReverseEndianness(seed.H4);
        stream._state.W9 = BinaryPrimitives.ReverseEndianness(seed.H5);
        stream._state.W10 = BinaryPrimitives.ReverseEndianness(seed.H6);
        stream._state.W11 = BinaryPrimitives.ReverseEndianness(seed.H7);
        stream._next = 16;
        return stream;
    }

    /// <summary>The next 32-bit word.</summary>
    public uint Next32()
    {
        if (_next == 16)
        {
            ChaCha20.Block(ref _state, out _block);
            _state.W12++;
            if (_state.W12 == 0)
                _state.W13++;
            _next = 0;
        }

        return _block.Word(_next++);
    }

    /// <summary>The next two words; the first is the low half.</summary>
    public ulong Next64()
    {
        ulong low = Next32();
        return low | ((ulong)Next32() << 32);
    }
}
