using System.Diagnostics;
using Confluent.Kafka;

namespace GpuCrypt.Ingest.Kafka.Embedded;

/// <summary>
/// The committed offsets of a consumer group, read from outside: the positions for a <see cref="PacedProducer"/> whose reader is another process. It asks the broker and never
/// joins the group.
/// </summary>
/// <remarks>Not thread-safe. The window a reader gets is then freed at the pace of its commits: bytes a second a partition are at most the window divided by the commit interval.</remarks>
public sealed class GroupPositions : IDisposable
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly IConsumer<Ignore, Ignore> _consumer;
    private readonly TopicPartition[] _partitions;
    private long _failingSince;

    /// <summary>Prepares to ask for the offsets of <paramref name="group"/> in partitions 0 to <paramref name="partitions"/> - 1 of <paramref name="topic"/>.</summary>
    public GroupPositions(string bootstrapServers, string group, string topic, int partitions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        NativeLibrdkafka.Load();
        _partitions = [.. Enumerable.Range(0, partitions).Select(partition => new TopicPartition(topic, partition))];
        // What the client would log (a broker that is away) comes back as an error from the question.
        _consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = bootstrapServers, GroupId = group, EnableAutoCommit = false })
            .SetLogHandler((_, _) => { })
            .Build();
    }

    /// <summary>Writes each partition's committed offset; a partition without one is left as it is, and so are all while the broker does not answer.</summary>
    /// <exception cref="KafkaException">The broker has not answered for 30 s.</exception>
    public void Read(Span<long> offsets)
    {
        try
        {
            foreach (TopicPartitionOffset committed in _consumer.Committed(_partitions, AnswerTime))
            {
                if (!committed.Offset.IsSpecial)
                    offsets[committed.Partition.Value] = committed.Offset.Value;
            }
            _failingSince = 0;
        }
        catch (KafkaException) when (!PatienceIsOver())
        {
        }
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose() => _consumer.Dispose();

    private bool PatienceIsOver()
    {
        if (_failingSince == 0)
            _failingSince = Stopwatch.GetTimestamp();
        return Stopwatch.GetElapsedTime(_failingSince) > Patience;
    }
}
