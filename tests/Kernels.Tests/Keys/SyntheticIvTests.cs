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
        byte[] ivKey = HMACSHA256.HashData(TestKeys.Secret, "GpuCrypt synthetic IV, version 1"u8);
        using var message = new MemoryStream();
        using (var writer = new BinaryWriter(message))
        {
            writer.Write(15281143f);
            writer.Write(2f);
            writer.Write(1u);
            foreach (string text in new[] { "foo", "deriv_path", "record-7" })
            {
                writer.Write(text.Length);
                writer.Write(Encoding.UTF8.GetBytes(text));
            }

            writer.Write(5);
            writer.Write(Plain.Length);
            foreach (float value in Plain)
                writer.Write(value);
        }

        Assert.Equal(HMACSHA256.HashData(ivKey, message.ToArray())[..12], Compute(key, "record-7", 5, Plain));
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

    private static byte[] Compute(VectorKey key, string id, int ordinal, float[] plain)
    {
        byte[] iv = new byte[12];
        byte[] idBytes = Encoding.UTF8.GetBytes(id);
        SyntheticIv.Compute(key, idBytes, ordinal, plain, new byte[SyntheticIv.ScratchSize(key, idBytes.Length, plain.Length)], iv);
        return iv;
    }
}
