using GpuCrypt.Host.Keyrings;
using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Host.Tests.Keyrings;

public sealed class KeyUsageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string UsageFile => _folder["keys.json.usage"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Counts_survive_a_restart_exactly_after_an_orderly_end()
    {
        using (KeyUsage usage = KeyUsage.Open(UsageFile))
        {
            Assert.True(Counter(usage).TryCount(1000, IvSource.Random));
            Assert.True(Counter(usage).TryCount(234, IvSource.Synthetic));
            Assert.Equal(1234, Counter(usage).Encryptions);
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(UsageFile));
        using KeyUsage again = KeyUsage.Open(UsageFile);
        Assert.Equal(1234, Counter(again).Encryptions);
        Assert.Equal(0, again.Counter("default", 2, "tenant", "path").Encryptions);
    }

    [Fact]
    public void A_crash_counts_a_step_too_many_at_most_and_never_too_few()
    {
        // Not disposed: as a killed process leaves it, with a line cut off half-way on top.
        KeyUsage killed = KeyUsage.Open(UsageFile);
        Assert.True(Counter(killed).TryCount(KeyUsage.Step + 5, IvSource.Random));
        File.AppendAllText(UsageFile, "{\"secretPath\":\"default\",\"id\":1,\"con");

        using (KeyUsage next = KeyUsage.Open(UsageFile))
        {
            Assert.InRange(Counter(next).Encryptions, KeyUsage.Step + 5, (2 * KeyUsage.Step) + 5);
            long before = Counter(next).Encryptions;
            Assert.True(Counter(next).TryCount(1, IvSource.Random));
            Assert.Equal(before + 1, Counter(next).Encryptions);
        }

        Assert.Equal((2 * KeyUsage.Step) + 1, KeyUsage.Peek(UsageFile).Single().Encryptions);
    }

    [Fact]
    public void Random_ivs_are_refused_past_the_ceiling_and_synthetic_ones_are_not()
    {
        using KeyUsage usage = KeyUsage.Open(UsageFile);
        KeyCounter counter = Counter(usage);
        Assert.True(counter.TryCount(KeyUsage.Ceiling - 10, IvSource.Random));
        Assert.False(counter.TryCount(11, IvSource.Random));
        Assert.Equal(KeyUsage.Ceiling - 10, counter.Encryptions);
        Assert.True(counter.TryCount(10, IvSource.Random));
        Assert.False(counter.TryCount(1, IvSource.Random));
        Assert.True(counter.TryCount(1, IvSource.Synthetic));
        Assert.False(counter.TryCount(KeyUsage.Step, IvSource.Random));
        Assert.Equal(KeyUsage.Ceiling + 1, counter.Encryptions);
    }

    [Fact]
    public void A_warning_comes_once_at_an_eighth_of_the_ceiling_and_again_after_a_restart()
    {
        using (KeyUsage usage = KeyUsage.Open(UsageFile))
        {
            Assert.True(Counter(usage).TryCount(KeyUsage.WarningLevel - KeyUsage.Step, IvSource.Random));
            Assert.Empty(usage.TakeWarnings());
            Assert.True(Counter(usage).TryCount(KeyUsage.Step, IvSource.Random));
            Assert.Equal(
                "The key of 'tenant-path' under secret 1 of secret path 'default' has encrypted 536,870,912 vectors of at most 4,294,967,296 under random IVs: plan keys rotate --path default.",
                usage.TakeWarnings().Single().ToString());
            Assert.True(Counter(usage).TryCount(KeyUsage.Step, IvSource.Random));
            Assert.Empty(usage.TakeWarnings());
        }

        using KeyUsage again = KeyUsage.Open(UsageFile);
        Assert.True(Counter(again).TryCount(1, IvSource.Synthetic));
        Assert.Single(again.TakeWarnings());
    }

    [Fact]
    public void Tenants_and_paths_that_join_to_one_key_share_one_counter()
    {
        using KeyUsage usage = KeyUsage.Open(UsageFile);
        Assert.Same(usage.Counter("default", 1, "a-b", "c"), usage.Counter("default", 1, "a", "b-c"));
        Assert.NotSame(usage.Counter("default", 1, "a", "b"), usage.Counter("default", 2, "a", "b"));
        Assert.NotSame(usage.Counter("default", 1, "a", "b"), usage.Counter("other", 1, "a", "b"));
    }

    [Fact]
    public void Several_processes_share_the_file_and_its_ceiling()
    {
        using (KeyUsage first = KeyUsage.Open(UsageFile))
        using (KeyUsage second = KeyUsage.Open(UsageFile))
        {
            for (int i = 0; i < 4; i++)
            {
                Assert.True(Counter(first).TryCount(KeyUsage.Step, IvSource.Random));
                Assert.True(Counter(second).TryCount(KeyUsage.Step, IvSource.Random));
            }

            Assert.True(Counter(first).TryCount(KeyUsage.Ceiling - (8 * KeyUsage.Step), IvSource.Random));
            Assert.False(Counter(second).TryCount(1, IvSource.Random));
        }

        Assert.Equal(KeyUsage.Ceiling, KeyUsage.Peek(UsageFile).Single().Encryptions);
    }

    [Fact]
    public async Task Threads_lose_no_count()
    {
        const int Threads = 4, Rounds = 20_000, Vectors = 100;
        using (KeyUsage usage = KeyUsage.Open(UsageFile))
        {
            KeyCounter counter = Counter(usage);
            await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(() =>
            {
                for (int i = 0; i < Rounds; i++)
                    Assert.True(counter.TryCount(Vectors, IvSource.Random));
            })));
            usage.Flush();
            Assert.Equal(Threads * Rounds * Vectors, counter.Encryptions);
        }

        Assert.Equal(Threads * Rounds * Vectors, KeyUsage.Peek(UsageFile).Single().Encryptions);
    }

    [Fact]
    public void A_file_that_has_grown_is_rewritten_while_another_process_goes_on()
    {
        using KeyUsage other = KeyUsage.Open(UsageFile);
        Assert.True(Counter(other).TryCount(7, IvSource.Random));
        string line = File.ReadAllLines(UsageFile)[1].Replace("1048576", "1");
        File.AppendAllText(UsageFile, string.Concat(Enumerable.Repeat(line + "\n", 5000)));
        using (KeyUsage rewriting = KeyUsage.Open(UsageFile))
            Assert.Equal(KeyUsage.Step + 5000, Counter(rewriting).Encryptions);
        Assert.Equal(2, File.ReadAllLines(UsageFile).Length);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(UsageFile));
        Assert.True(Counter(other).TryCount(KeyUsage.Step, IvSource.Random));
        other.Dispose();
        Assert.Equal(KeyUsage.Step + 7 + 5000, KeyUsage.Peek(UsageFile).Single().Encryptions);
    }

    [Fact]
    public void Nothing_used_is_more_than_what_is_on_record_when_the_record_cannot_be_written()
    {
        using KeyUsage usage = KeyUsage.Open(UsageFile);
        Directory.CreateDirectory(UsageFile);
        Assert.Throws<KeyringException>(() => Counter(usage).TryCount(1, IvSource.Random));
        Assert.Equal(0, Counter(usage).Available);
        Directory.Delete(UsageFile);
        Assert.True(Counter(usage).TryCount(1, IvSource.Random));
    }

    [Fact]
    public void A_usage_file_that_is_wrong_or_open_to_others_is_refused_with_its_place()
    {
        using (KeyUsage usage = KeyUsage.Open(UsageFile))
            Assert.True(Counter(usage).TryCount(1, IvSource.Random));
        File.AppendAllText(UsageFile, "{\"secretPath\":\"default\",\"id\":0}\n");
        Assert.Equal($"{UsageFile}:4:30 id: expected a whole number from 1 to 4294967295", Assert.Throws<KeyringException>(() => KeyUsage.Open(UsageFile)).Message);
        File.SetUnixFileMode(UsageFile, (UnixFileMode)0b110_100_100);
        Assert.Contains("the usage file has mode 0644", Assert.Throws<KeyringException>(() => KeyUsage.Open(UsageFile)).Message, StringComparison.Ordinal);
    }

    private static KeyCounter Counter(KeyUsage usage) => usage.Counter("default", 1, "tenant", "path");
}
