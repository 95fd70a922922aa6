using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Kernels.Tests.Keys;

public class SyntheticIvTests
{
    private static readonly float[] Plain = [1f, -2f, 0.5f];

    [Fact]
    public void It_is_the_documented_hmac()
    {
        using VectorKey key = TestKeys.Derive("foo", 2f, scaling: true);
        byte[] label = HMACSHA256.HashData(TestKeys.Secret, "GpuCrypt synthetic IV, version 1"u8);
        byte[] ivKey = HMACSHA256.HashData(label, Message(w =>
        {
            Float(w, 15281143f);
            Float(w, 2f);
            Word(w, 1);
            Word(w, 3);
            w.Write("foo"u8);
            Word(w, 10);
            w.Write("deriv_path"u8);
        }));
        byte[] message = Message(w =>
        {
            Word(w, 5);
            Word(w, Plain.Length);
            foreach (float value in Plain)
                Float(w, value);
            w.Write("record-7"u8);
        });

        Assert.Equal(HMACSHA256.HashData(ivKey, message)[..12], Compute(key, "record-7", 5, Plain));
    }

    [Fact]
    public void Anything_that_decides_the_ciphertext_changes_it()
    {
        using VectorKey key = TestKeys.Derive();
        using VectorKey tenant = TestKeys.Derive("fooo");
        using VectorKey factor = TestKeys.Derive(approximationFactor: 2f);
        using VectorKey scaling = TestKeys.Derive(scaling: false);
        byte[][] ivs =
        [
            Compute(key, "a", 0, Plain), Compute(tenant, "a", 0, Plain), Compute(factor, "a", 0, Plain), Compute(scaling, "a", 0, Plain),
            Compute(key, "b", 0, Plain), Compute(key, "a", 1, Plain), Compute(key, "a", 0, [1f, -2f]), Compute(key, "a", 0, [1f, -2f, -0.5f]),
            Compute(key, "a", 0, [1f, -2f, 0.5f, 0f]), Compute(key, "", 0, Plain),
        ];
        Assert.Equal(ivs.Length, ivs.Select(Convert.ToHexString).Distinct().Count());
        Assert.Equal(ivs[0], Compute(key, "a", 0, Plain));
    }

    private static byte[] Message(Action<BinaryWriter> write)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        write(writer);
        return stream.ToArray();
    }

    private static void Float(BinaryWriter writer, float value) => Word(writer, BitConverter.SingleToInt32Bits(value));

    private static void Word(BinaryWriter writer, int value) => writer.Write(BinaryPrimitives.ReverseEndianness(value));

    private static byte[] Compute(VectorKey key, string id, int ordinal, float[] plain)
    {
        byte[] iv = new byte[12];
        byte[] idBytes = Encoding.UTF8.GetBytes(id);
        SyntheticIv.Compute(key, idBytes, ordinal, plain, new byte[SyntheticIv.ScratchSize(idBytes.Length, plain.Length)], iv);
        return iv;
    }
}
