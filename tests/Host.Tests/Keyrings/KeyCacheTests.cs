using System.Text;
using GpuCrypt.Host.Keyrings;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Host.Tests.Keyrings;

public sealed class KeyCacheTests : IDisposable
{
    private readonly Keyring _keyring = TestKeyrings.Parse();
    private readonly KeyTable _table = new();

    private SecretPath Default => _keyring.Path("default");

    public void Dispose()
    {
        _table.Clear();
        _keyring.Dispose();
    }

    [Fact]
    public void The_current_secret_encrypts_and_both_decrypt()
    {
        using var cache = new KeyCache();
        int encryption = cache.AddForEncryption(_table, Default, "tenant", "path", 1);
        int current = cache.AddForDecryption(_table, Default, 2, "tenant", "path");
        int rotating = cache.AddForDecryption(_table, Default, 1, "tenant", "path");
        Assert.Equal(encryption, current);
        Assert.NotEqual(encryption, rotating);
        Assert.Equal((2u, 1u), (_table[current].SecretId, _table[rotating].SecretId));
        using VectorKey direct = Default.Derive(Default.InRotation!, "tenant", "path");
        Assert.Equal(TestKeyrings.Fingerprint(direct), TestKeyrings.Fingerprint(_table[rotating]));
        Assert.Equal((2.236f, true), (_table[current].ApproximationFactor, _table[current].Scaling));
    }

    [Fact]
    public void Tenant_and_path_are_told_apart_though_they_join_to_the_same_text()
    {
        using var cache = new KeyCache();
        int first = cache.AddForEncryption(_table, Default, "a-b", "c", 1);
        int second = cache.AddForEncryption(_table, Default, "a", "b-c", 1);
        int third = cache.AddForEncryption(_table, _keyring.Path("other/path-2"), "a", "b-c", 1);
        Assert.Equal(3, new[] { first, second, third }.Distinct().Count());
        Assert.Equal(("a", "b-c"), (_table[second].Tenant, _table[second].DerivationPath));
        Assert.Equal(first, cache.AddForEncryption(_table, Default, "a-b", "c", 1));
    }

    [Fact]
    public void An_unknown_secret_is_refused_with_what_there_is()
    {
        using var cache = new KeyCache();
        Assert.False(cache.TryAddForDecryption(_table, Default, 9, "t"u8, "p"u8, out int index, out string? refusal));
        Assert.Equal(-1, index);
        Assert.Equal("secret path 'default' has no secret with id 9; it holds 2 (current) and 1 (in rotation).", refusal);
        Assert.False(cache.TryAddForDecryption(_table, Default, 3, "t"u8, "p"u8, out _, out refusal));
        Assert.Equal("secret path 'default' has no secret with id 3: it was retired; it holds 2 (current) and 1 (in rotation).", refusal);
        Assert.Equal(0, _table.Count);
    }

    [Fact]
    public void Text_that_is_not_utf8_gets_no_key()
    {
        using var cache = new KeyCache();
        Assert.False(cache.TryAddForEncryption(_table, Default, [0xC3], "p"u8, 1, out _, out string? refusal));
        Assert.Equal("the tenant or derivation path is not UTF-8.", refusal);
        Assert.Throws<KeyringException>(() => cache.AddForEncryption(_table, Default, "\ud800", "p", 1));
        Assert.True(cache.TryAddForEncryption(_table, Default, "ünï"u8, ""u8, 1, out int index, out _));
        Assert.Equal("ünï", _table[index].Tenant);
    }

    [Fact]
    public void The_least_recently_used_key_makes_room_and_a_table_keeps_it_alive()
    {
        using var cache = new KeyCache(capacity: 2);
        int a = cache.AddForEncryption(_table, Default, "a", "", 1);
        cache.AddForEncryption(_table, Default, "b", "", 1);
        cache.AddForEncryption(_table, Default, "a", "", 1);
        VectorKey keyA = _table[a], keyB = _table[1];
        string fingerprint = TestKeyrings.Fingerprint(keyB);
        cache.AddForEncryption(_table, Default, "c", "", 1);
        Assert.Equal(2, cache.Count);
        Assert.Equal(a, cache.AddForEncryption(_table, Default, "a", "", 1));
        // b is out of the cache, yet the batch can still use it; a second lookup derives it anew.
        Assert.Equal(fingerprint, TestKeyrings.Fingerprint(keyB));
        int again = cache.AddForEncryption(_table, Default, "b", "", 1);
        Assert.NotSame(keyB, _table[again]);
        Assert.Equal(fingerprint, TestKeyrings.Fingerprint(_table[again]));
        _table.Clear();
        Assert.Throws<ObjectDisposedException>(() => TestKeyrings.Fingerprint(keyB));
        Assert.NotEmpty(TestKeyrings.Fingerprint(keyA));
        cache.Dispose();
        Assert.Throws<ObjectDisposedException>(() => TestKeyrings.Fingerprint(keyA));
        Assert.Throws<ObjectDisposedException>(() => cache.AddForEncryption(_table, Default, "a", "", 1));
    }

    [Fact]
    public void A_lookup_that_finds_its_key_allocates_nothing()
    {
        using var folder = new TemporaryFolder();
        using KeyUsage usage = KeyUsage.Open(folder["usage"]);
        using var cache = new KeyCache(usage);
        SecretPath path = Default;
        byte[][] tenants = ["one"u8.ToArray(), "two"u8.ToArray(), "three"u8.ToArray()];
        Round(3);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Round(1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1003 * 2, usage.Counter("default", 2, "two", "path").Encryptions);

        void Round(int rounds)
        {
            for (int i = 0; i < rounds; i++)
            {
                foreach (byte[] tenant in tenants)
                {
                    bool found = cache.TryAddForEncryption(_table, path, tenant, "path"u8, 2, out _, out _)
                        & cache.TryAddForDecryption(_table, path, 1, tenant, "path"u8, out _, out _);
                    if (!found)
                        throw new InvalidOperationException("There is no key.");
                }
            }
        }
    }

    [Fact]
    public void A_key_that_is_used_up_encrypts_no_more_and_still_decrypts()
    {
        using var folder = new TemporaryFolder();
        using KeyUsage usage = KeyUsage.Open(folder["usage"]);
        using var random = new KeyCache(usage);
        using var synthetic = new KeyCache(usage, IvSource.Synthetic);
        Assert.True(usage.Counter("default", 2, "t", "p").TryCount(KeyUsage.Ceiling, IvSource.Random));
        Assert.False(random.TryAddForEncryption(_table, Default, "t"u8, "p"u8, 1, out _, out string? refusal));
        Assert.Equal(
            "the key of secret 2 of secret path 'default' for this tenant and derivation path has encrypted 4,294,967,296 vectors under random IVs, of at most 4,294,967,296: run keys rotate --path default.",
            refusal);
        Assert.Equal(0, _table.Count);
        Assert.True(random.TryAddForDecryption(_table, Default, 2, "t"u8, "p"u8, out _, out _));
        Assert.True(random.TryAddForEncryption(_table, Default, "other"u8, "p"u8, 1, out _, out _));
        Assert.True(synthetic.TryAddForEncryption(_table, Default, "t"u8, "p"u8, 1, out _, out _));
    }

    [Fact]
    public async Task Threads_that_evict_each_others_keys_never_see_a_wiped_one()
    {
        using var cache = new KeyCache(capacity: 3);
        SecretPath path = Default;
        var expected = new string[8];
        for (int i = 0; i < expected.Length; i++)
        {
            using VectorKey key = path.Derive(path.Current, $"tenant{i}", "p");
            expected[i] = TestKeyrings.Fingerprint(key);
        }

        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            var random = new Random(thread);
            var table = new KeyTable();
            for (int i = 0; i < 2000; i++)
            {
                int tenant = random.Next(expected.Length);
                Assert.True(cache.TryAddForEncryption(table, path, Encoding.UTF8.GetBytes($"tenant{tenant}"), "p"u8, 1, out int index, out _));
                Assert.Equal(expected[tenant], TestKeyrings.Fingerprint(table[index]));
                if (i % 7 == 0)
                    table.Clear();
            }

            table.Clear();
        })));
        Assert.Equal(3, cache.Count);
    }
}
