using GpuCrypt.Ingest.Kafka.Embedded;

namespace GpuCrypt.Ingest.Tests.Kafka.Embedded;

/// <summary>Counts of the whole process: nothing else may start or stop clients meanwhile.</summary>
[CollectionDefinition(nameof(EmbeddedBrokerResourceTests), DisableParallelization = true)]
public sealed class WholeProcess;

[Collection(nameof(EmbeddedBrokerResourceTests))]
public sealed class EmbeddedBrokerResourceTests
{
    [Fact]
    public void Twenty_brokers_started_and_stopped_leave_no_threads_and_no_sockets()
    {
        StartAndStop();
        (int threads, int sockets) = Counts();
        Assert.Equal(0, threads);

        using (EmbeddedBroker.Start())
        {
            (int running, int listening) = Counts();
            Assert.True(running > threads, "a running broker has threads of librdkafka's names, or this test counts nothing");
            Assert.True(listening > sockets, "a running broker has a socket, or this test counts nothing");
        }
        for (int i = 0; i < 20; i++)
            StartAndStop();
        Assert.Equal((threads, sockets), Counts());
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
