// HMAC-SHA256 (RFC 2104, FIPS 198-1): 32-byte tag. Keys of at most 64 bytes, which is what the scheme has (K is 32).
namespace GpuCrypt.Kernels.Scheme;

/// <summary>Incremental HMAC-SHA256. A mutable struct: pass it by reference. Holds hash states derived from the key.</summary>
internal struct HmacSha256
{
    private const uint InnerPad = 0x36363636, OuterPad = 0x5c5c5c5c;

    private Sha256 _inner;
    private Sha256 _outer;

    /// <summary>Starts a message under the 32-byte key K of <paramref name="key"/>.</summary>
    public static HmacSha256 Create(ref KeyMaterial key)
    {
        HmacSha256 mac = default;
        mac._inner = Padded(ref key, InnerPad);
        mac._outer = Padded(ref key, OuterPad);
        return mac;
    }

    /// <summary>Starts a message under a key of <paramref name="length"/> bytes, 0 to 64.</summary>
    /// <typeparam name="TBytes">The view over the key's bytes.</typeparam>
    public static HmacSha256 Create<TBytes>(TBytes key, int length)
        where TBytes : struct, IView<byte>
    {
        HmacSha256 mac = default;
        mac._inner = Sha256.Create();
        mac._outer = Sha256.Create();
        for (int i = 0; i < 64; i++)
        {
            byte value = i < length ? key.Get(i) : (byte)0;
            mac._inner.AppendByte((byte)(value ^ (InnerPad & 0xff)));
            mac._outer.AppendByte((byte)(value ^ (OuterPad & 0xff)));
        }

        return mac;
    }

    /// <summary>Starts a message from pad states saved by <see cref="SaveStates"/>: two compressions cheaper.</summary>
    public static HmacSha256 Resume(ref Digest inner, ref Digest outer)
    {
        HmacSha256 mac = default;
        mac._inner = Sha256.Resume(ref inner, 1);
        mac._outer = Sha256.Resume(ref outer, 1);
        return mac;
    }

    /// <summary>Saves the states after the padded key, before any message. They stand for the key and are as secret.</summary>
    public readonly void SaveStates(out Digest inner, out Digest outer)
    {
        _inner.State(out inner);
        _outer.State(out outer);
    }

    /// <summary>Appends four bytes, big-endian.</summary>
    public void AppendWord(uint word) => _inner.AppendWord(word);

    /// <summary>Appends one byte.</summary>
    public void AppendByte(byte value) => _inner.AppendByte(value);

    /// <summary>Gives the tag of the message. The instance is spent afterwards.</summary>
    public void Finish(out Digest tag)
    {
        _inner.Finish(out Digest inner);
        _outer.AppendWord(inner.H0);
        _outer.AppendWord(inner.H1);
        _outer.AppendWord(inner.H2);
        _outer.AppendWord(inner.H3);
        _outer.AppendWord(inner.H4);
        _outer.AppendWord(inner.H5);
        _outer.AppendWord(inner.H6);
        _outer.AppendWord(inner.H7);
        _outer.Finish(out tag);
    }

    private static Sha256 Padded(ref KeyMaterial key, uint pad)
    {
        Sha256 hash = Sha256.Create();
        hash.AppendWord(key.K0 ^ pad);
        hash.AppendWord(key.K1 ^ pad);
        hash.AppendWord(key.K2 ^ pad);
        hash.AppendWord(key.K3 ^ pad);
        hash.AppendWord(key.K4 ^ pad);
        hash.AppendWord(key.K5 ^ pad);
        hash.AppendWord(key.K6 ^ pad);
        hash.AppendWord(key.K7 ^ pad);
        for (int i = 8; i < 16; i++)
            hash.AppendWord(pad);
        return hash;
    }
}
