using System.Diagnostics;
using GpuCrypt.Ingest.Kafka.Embedded;

namespace GpuCrypt.Ingest.Tests.Kafka.Embedded;

/// <summary>Counts of the whole process: nothing else may start or stop clients meanwhile.</summary>
[CollectionDefinition(nameof(EmbeddedBrokerResourceTests), DisableParallelization = true)]
public sealed class WholeProcess;

[Collection(nameof(EmbeddedBrokerResourceTests))]
public sealed class EmbeddedBrokerResourceTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    [Fact]
    public void Twenty_brokers_started_and_stopped_leave_no_threads_and_no_sockets()
    {
        // The first time loads libraries, which may keep a file open.
        StartAndStop();
        Assert.True(Within(Bound, () => Counts().Threads == 0), "other brokers or clients are running");
        int before = Counts().Sockets;
        using (EmbeddedBroker.Start())
        {
            (int threads, int sockets) = Counts();
            Assert.True(threads > 0, "a running broker has threads of librdkafka's names, or this test counts nothing");
            Assert.True(sockets > before, "a running broker has a socket, or this test counts nothing");
        }
        for (int i = 0; i < 20; i++)
            StartAndStop();
        Assert.True(Within(Bound, () => Counts() is { Threads: 0 } now && now.Sockets <= before), $"expected 0 threads and {before} sockets, found {Counts()}");
    }

    private static void StartAndStop()
    {
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Brokers = 2, Topics = { ("t", 4) }, Log = _ => { } });
    }

    private static bool Within(TimeSpan bound, Func<bool> condition)
    {
        Stopwatch time = Stopwatch.StartNew();
        while (!condition())
        {
            if (time.Elapsed > bound)
                return false;
            Thread.Sleep(20);
        }
        return true;
    }

    /// <summary>librdkafka's threads, which name themselves <c>rdk:...</c>, and open sockets and pipes.</summary>
    private static (int Threads, int Sockets) Counts() => (
        Directory.GetDirectories("/proc/self/task").Count(task => Read(() => File.ReadAllText(Path.Combine(task, "comm"))).StartsWith("rdk:", StringComparison.Ordinal)),
        Directory.GetFiles("/proc/self/fd").Select(file => Read(() => File.ResolveLinkTarget(file, false)?.Name ?? ""))
            .Count(target => target.StartsWith("socket:", StringComparison.Ordinal) || target.StartsWith("pipe:", StringComparison.Ordinal)));

    /// <summary>What is asked, or nothing when it ends between listing and reading.</summary>
    private static string Read(Func<string> read)
    {
        try
        {
            return read();
        }
        catch (IOException)
        {
            return "";
        }
    }
}
