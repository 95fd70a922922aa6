using System.Diagnostics;
using Confluent.Kafka;

namespace GpuCrypt.Host.Tests.Service;

/// <summary>Reads a topic from its beginning, without a group, and keeps all that it has read. Not thread-safe.</summary>
internal sealed class TopicReader : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly List<ConsumeResult<byte[], byte[]>> _records = [];

    public TopicReader(string bootstrapServers, string topic, int partitions)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = bootstrapServers, GroupId = "reader", EnableAutoCommit = false, AutoOffsetReset = AutoOffsetReset.Earliest,
            FetchWaitMaxMs = 10, ReconnectBackoffMs = 20, ReconnectBackoffMaxMs = 100,
        };
        _consumer = new ConsumerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        _consumer.Assign(Enumerable.Range(0, partitions).Select(p => new TopicPartitionOffset(topic, p, Offset.Beginning)));
    }

    /// <summary>Everything read so far.</summary>
    public IReadOnlyList<ConsumeResult<byte[], byte[]>> Records => _records;

    /// <summary>Reads until the records are as wanted, or too much time is over.</summary>
    public bool ReadUntil(Func<IReadOnlyList<ConsumeResult<byte[], byte[]>>, bool> enough, TimeSpan? bound = null)
    {
        var time = Stopwatch.StartNew();
        while (!enough(_records))
        {
            if (time.Elapsed > (bound ?? Bound))
                return false;
            if (_consumer.Consume(TimeSpan.FromMilliseconds(50)) is { Message: not null } record)
                _records.Add(record);
        }

        return true;
    }

    /// <summary>Reads until there are this many, then for as long as more come at once.</summary>
    public IReadOnlyList<ConsumeResult<byte[], byte[]>> ReadAtLeast(int count)
    {
        Assert.True(ReadUntil(records => records.Count >= count), $"{_records.Count} of {count} records came");
        ReadFor(TimeSpan.FromMilliseconds(150));
        return _records;
    }

    /// <summary>Reads what comes in a time.</summary>
    public void ReadFor(TimeSpan time) => ReadUntil(_ => false, time);

    public void Dispose() => _consumer.Dispose();
}
