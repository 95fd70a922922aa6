namespace GpuCrypt.Ingest.Kafka.Embedded;

/// <summary>What an <see cref="EmbeddedBroker"/> starts with.</summary>
public sealed class EmbeddedBrokerOptions
{
    /// <summary>Brokers in the cluster, each on a port of its own, with the ids 1, 2, ... Default 1.</summary>
    public int Brokers { get; init; } = 1;

    /// <summary>Topics to create: name and partitions. A topic that a client asks for and that is not there is created with four partitions.</summary>
    public IList<(string Name, int Partitions)> Topics { get; } = [];

    /// <summary>
    /// Receives the log lines of the broker's side, one a call, from librdkafka's threads, until shortly after the broker is disposed; <see langword="null"/> drops them.
    /// Nothing is written to standard error either way. It must be thread-safe and must not call the broker; an exception from it is swallowed.
    /// </summary>
    public Action<string>? Log { get; init; }

    /// <summary>Also logs what the broker does: connections, requests, what is appended and what falls out. For looking into a test; many lines.</summary>
    public bool Trace { get; init; }
}
