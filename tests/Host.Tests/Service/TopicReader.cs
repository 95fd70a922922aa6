using System.Diagnostics;
using Confluent.Kafka;

namespace GpuCrypt.Host.Tests.Service;

/// <summary>Reads a topic from its beginning, without a group, and keeps all that it has read. Not thread-safe.</summary>
internal sealed class TopicReader : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly TopicPartition[] _partitions;
    private readonly List<ConsumeResult<byte[], byte[]>> _records = [];

    public TopicReader(string bootstrapServers, string topic, int partitions)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = bootstrapServers,
            GroupId = "reader",
            EnableAutoCommit = false,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            FetchWaitMaxMs = 10,
            ReconnectBackoffMs = 20,
            ReconnectBackoffMaxMs = 100,
        };
        _consumer = new ConsumerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        _partitions = [.. Enumerable.Range(0, partitions).Select(p => new TopicPartition(topic, p))];
        _consumer.Assign(_partitions.Select(p => new TopicPartitionOffset(p, Offset.Beginning)));
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

    /// <summary>Reads everything that the topic holds at the time of the call.</summary>
    public IReadOnlyList<ConsumeResult<byte[], byte[]>> ReadToEnd()
    {
        foreach (TopicPartition partition in _partitions)
        {
            long end = _consumer.QueryWatermarkOffsets(partition, Bound).High;
            Assert.True(
                ReadUntil(_ => end == 0 || (_consumer.Position(partition) is { IsSpecial: false } position && position.Value >= end)),
                $"{partition}: read to {_consumer.Position(partition)} of {end}");
        }

        return _records;
    }

    public void Dispose() => _consumer.Dispose();
}
