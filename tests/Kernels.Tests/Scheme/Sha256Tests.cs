using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Tests.Scheme;

public class Sha256Tests
{
    [Theory]
    [InlineData("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")]
    public void Digest_gives_the_examples_of_FIPS_180(string message, string digest) =>
        Assert.Equal(digest, Convert.ToHexStringLower(Hash(Encoding.ASCII.GetBytes(message))));

    [Fact]
    public void Digest_equals_the_frameworks_for_every_length_around_block_boundaries()
    {
        for (int length = 0; length < 260; length++)
        {
            byte[] message = Enumerable.Range(0, length).Select(i => (byte)(i * 7)).ToArray();
            Assert.Equal(Convert.ToHexString(SHA256.HashData(message)), Convert.ToHexString(Hash(message)));
        }
    }

    /// <summary>RFC 4231 cases 1 to 4, 6 and 7: key, data, tag.</summary>
    [Theory]
    [InlineData("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")]
    [InlineData("4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")]
    [InlineData("aa*20", "dd*50", "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe")]
    [InlineData("0102030405060708090a0b0c0d0e0f10111213141516171819", "cd*50", "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b")]
    [InlineData("aa*131", "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374", "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")]
    [InlineData("aa*131", "5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b2d73697a65206b657920616e642061206c6172676572207468616e20626c6f636b2d73697a6520646174612e20546865206b6579206e6565647320746f20626520686173686564206265666f7265206265696e6720757365642062792074686520484d414320616c676f726974686d2e", "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2")]
    public void Hmac_gives_the_vectors_of_RFC_4231(string key, string data, string tag)
    {
        byte[] keyBytes = Expand(key);
        // RFC 2104: a key longer than a block is hashed first.
        if (keyBytes.Length > 64)
            keyBytes = Hash(keyBytes);
        Assert.Equal(tag, Convert.ToHexStringLower(Mac(keyBytes, Expand(data))));
    }

    [Fact]
    public void Hmac_resumed_from_saved_states_equals_hmac_from_the_key() =>
        Prop.ForAll<uint[], uint[]>((keyWords, message) =>
        {
            KeyMaterial key = default;
            uint[] k = [.. keyWords, .. new uint[8]];
            (key.K0, key.K1, key.K2, key.K3, key.K4, key.K5, key.K6, key.K7) = (k[0], k[1], k[2], k[3], k[4], k[5], k[6], k[7]);
            HmacSha256 fresh = HmacSha256.Create(ref key);
            fresh.SaveStates(out Digest inner, out Digest outer);
            HmacSha256 resumed = HmacSha256.Resume(ref inner, ref outer);
            foreach (uint word in message)
            {
                fresh.AppendWord(word);
                resumed.AppendWord(word);
            }

            fresh.Finish(out Digest a);
            resumed.Finish(out Digest b);
            byte[] keyBytes = new byte[32], data = new byte[4 * message.Length];
            for (int i = 0; i < 8; i++)
                BinaryPrimitives.WriteUInt32BigEndian(keyBytes.AsSpan(4 * i), k[i]);
            for (int i = 0; i < message.Length; i++)
                BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(4 * i), message[i]);
            return Digest.FixedTimeEquals(ref a, ref b) && Bytes(a).SequenceEqual(HMACSHA256.HashData(keyBytes, data));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Digests_that_differ_in_any_one_bit_are_not_equal()
    {
        for (int bit = 0; bit < 256; bit++)
        {
            Digest a = default, b = default;
            unsafe
            {
                ((uint*)&b)[bit / 32] ^= 1u << (bit % 32);
            }

            Assert.False(Digest.FixedTimeEquals(ref a, ref b));
        }
    }

    private static byte[] Expand(string hex) =>
        hex.Split('*') is [var one, var count] ? Enumerable.Repeat(Convert.ToByte(one, 16), int.Parse(count)).ToArray() : Convert.FromHexString(hex);

    private static byte[] Hash(byte[] message)
    {
        Sha256 hash = Sha256.Create();
        foreach (byte b in message)
            hash.AppendByte(b);
        hash.Finish(out Digest digest);
        return Bytes(digest);
    }

    private static unsafe byte[] Mac(byte[] key, byte[] message)
    {
        fixed (byte* pointer = key)
        {
            HmacSha256 mac = HmacSha256.Create(new NativeView<byte>(pointer), key.Length);
            foreach (byte b in message)
                mac.AppendByte(b);
            mac.Finish(out Digest tag);
            return Bytes(tag);
        }
    }

    private static byte[] Bytes(Digest digest)
    {
        byte[] bytes = new byte[32];
        uint[] words = [digest.H0, digest.H1, digest.H2, digest.H3, digest.H4, digest.H5, digest.H6, digest.H7];
        for (int i = 0; i < 8; i++)
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4 * i), words[i]);
        return bytes;
    }
}
