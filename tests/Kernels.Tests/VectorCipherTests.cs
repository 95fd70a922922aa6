using FsCheck;
using FsCheck.Fluent;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Kernels.Tests;

public class VectorCipherTests
{
    [Fact]
    public void Decrypt_gives_back_what_was_encrypted_within_rounding() =>
        Prop.ForAll(
            Gen.Choose(0, 1000).ToArbitrary(),
            Gen.Choose(0, int.MaxValue).ToArbitrary(),
            ArbMap.Default.ArbFor<bool>(),
            (dimension, seed, scaling) =>
            {
                using VectorKey key = TestKeys.Derive(scaling: scaling, approximationFactor: 1f);
                using var cipher = new VectorCipher(key);
                var random = new Random(seed);
                float[] plain = [.. Enumerable.Range(0, dimension).Select(_ => (float)((random.NextDouble() * 2) - 1))];
                EncryptedVector encrypted = cipher.Encrypt(plain);
                float[] decrypted = cipher.Decrypt(encrypted.Cipher, encrypted.Metadata);
                Assert.Equal(plain.Length, decrypted.Length);
                for (int i = 0; i < dimension; i++)
                    Assert.InRange(decrypted[i] - plain[i], -5e-7f, 5e-7f);
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void Two_encryptions_differ_unless_they_are_of_the_same_record()
    {
        using VectorKey key = TestKeys.Derive();
        using var cipher = new VectorCipher(key);
        float[] plain = [0.1f, 0.2f, 0.3f];
        Assert.NotEqual(cipher.Encrypt(plain).Cipher, cipher.Encrypt(plain).Cipher);
        Assert.NotEqual(cipher.EncryptQuery(plain), cipher.EncryptQuery(plain));
        Assert.Equal(cipher.Encrypt(plain, "r1"u8).Cipher, cipher.Encrypt(plain, "r1"u8).Cipher);
        Assert.NotEqual(cipher.Encrypt(plain, "r1"u8).Cipher, cipher.Encrypt(plain, "r2"u8).Cipher);
    }

    [Fact]
    public void Errors_say_what_is_wrong_and_name_no_value()
    {
        using VectorKey key = TestKeys.Derive(), other = TestKeys.Derive(secretId: 9);
        using var cipher = new VectorCipher(key);
        using var foreign = new VectorCipher(other);
        EncryptedVector encrypted = cipher.Encrypt([1f, 2f]);
        Assert.Contains("not finite", Error(() => cipher.Encrypt([1f, float.NaN])), StringComparison.Ordinal);
        Assert.Contains("not finite", Error(() => cipher.EncryptQuery([float.PositiveInfinity])), StringComparison.Ordinal);
        Assert.Contains("tag does not hold", Error(() => cipher.Decrypt([1f, 2f], encrypted.Metadata)), StringComparison.Ordinal);
        Assert.Contains("has 3 bytes", Error(() => cipher.Decrypt(encrypted.Cipher, new byte[3])), StringComparison.Ordinal);
        Assert.Contains("secret 1, this key is of secret 9", Error(() => foreign.Decrypt(encrypted.Cipher, encrypted.Metadata)), StringComparison.Ordinal);

        static string Error(Action action) => Assert.Throws<CryptographicVectorException>(action).Message;
    }

    [Fact]
    public void Many_threads_share_one_cipher()
    {
        using VectorKey key = TestKeys.Derive();
        using var cipher = new VectorCipher(key);
        Parallel.For(0, 2000, i =>
        {
            float[] plain = [i, -i, i / 2f];
            EncryptedVector encrypted = cipher.Encrypt(plain);
            float[] decrypted = cipher.Decrypt(encrypted.Cipher, encrypted.Metadata);
            for (int j = 0; j < 3; j++)
                Assert.InRange(decrypted[j], plain[j] - 1e-3f, plain[j] + 1e-3f);
        });
    }

    [Fact]
    public unsafe void A_vector_longer_than_any_batch_holds_is_refused_by_its_length()
    {
        using VectorKey key = TestKeys.Derive();
        using var cipher = new VectorCipher(key);
        ArgumentException e = Assert.Throws<ArgumentException>(() =>
        {
            // Refused before it is read.
            float one = 0f;
            cipher.Encrypt(new ReadOnlySpan<float>(&one, VectorBatch.MaximumDimension + 1));
        });
        Assert.Contains("67108865", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Disposing_a_cipher_that_others_use_leaves_them_done_or_refused()
    {
        using VectorKey key = TestKeys.Derive();
        for (int round = 0; round < 50; round++)
        {
            var cipher = new VectorCipher(key);
            Parallel.For(0, 4, i =>
            {
                if (i == 3)
                {
                    cipher.Dispose();
                    return;
                }

                try
                {
                    for (int k = 0; k < 20; k++)
                        Assert.Equal(3, cipher.Encrypt([1f, 2f, 3f]).Cipher.Length);
                }
                catch (ObjectDisposedException)
                {
                    // Refused.
                }
            });
            Assert.Throws<ObjectDisposedException>(() => cipher.Encrypt([1f]));
        }

        Assert.Equal(2.236f, key.ApproximationFactor);
    }

    [Fact]
    public void A_disposed_cipher_refuses_and_leaves_the_key_to_its_owner()
    {
        using VectorKey key = TestKeys.Derive();
        var cipher = new VectorCipher(key);
        cipher.Encrypt([1f]);
        cipher.Dispose();
        cipher.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cipher.Encrypt([1f]));
        Assert.Equal(2.236f, key.ApproximationFactor);
    }
}
