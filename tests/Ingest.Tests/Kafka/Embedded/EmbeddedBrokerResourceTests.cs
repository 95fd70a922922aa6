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
        Assert.True(SpinWait.SpinUntil(() => Counts().Threads == 0, Bound), "other brokers or clients are running");
        int before = Counts().Sockets;
        using (EmbeddedBroker.Start())
        {
            (int threads, int sockets) = Counts();
            Assert.True(threads > 0, "a running broker has threads of librdkafka's names, or this test counts nothing");
            Assert.True(sockets > before, "a running broker has a socket, or this test counts nothing");
        }
        for (int i = 0; i < 20; i++)
            StartAndStop();
        Assert.True(SpinWait.SpinUntil(() => Counts() == (0, before), Bound), $"expected 0 threads and {before} sockets, found {Counts()}");
    }

    private static void StartAndStop()
    {
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Brokers = 2, Topics = { ("t", 4) }, Log = _ => { } });
    }

    /// <summary>librdkafka's threads, which name themselves <c>rdk:...</c>, and open sockets and pipes.</summary>
    private static (int Threads, int Sockets) Counts()
    {
        int threads = Directory.GetDirectories("/proc/self/task").Count(task => NameOf(task).StartsWith("rdk:", StringComparison.Ordinal));
        int sockets = Directory.GetFiles("/proc/self/fd").Count(file => File.ResolveLinkTarget(file, false)?.Name is { } target
            && (target.StartsWith("socket:", StringComparison.Ordinal) || target.StartsWith("pipe:", StringComparison.Ordinal)));
        return (threads, sockets);
    }

    private static string NameOf(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm"));
        }
        catch (IOException)
        {
            return "";
        }
    }
}
