using System.Collections.Concurrent;
using Confluent.Kafka;
using GpuCrypt.Ingest.Kafka;

namespace GpuCrypt.Ingest.Tests.Kafka;

/// <summary>A consumed record, copied out of its batch.</summary>
internal sealed record ConsumedRecord(KafkaRecordKind Kind, int Partition, long Offset, byte[]? Key, float[]? Vector, int Headers, long Timestamp);

/// <summary>A <see cref="KafkaSource"/> on a thread of its own; the test says when batches come back.</summary>
internal sealed class SourceRig : IKafkaSourceObserver, IDisposable
{
    private readonly TestRoutes _routes = new();
    private readonly BatchRing<KafkaBatch> _ring;
    private readonly KafkaSource _source;
    private readonly CancellationTokenSource _stop = new();
    private readonly BlockingCollection<KafkaBatch> _filled = [];
    private readonly Thread _thread;
    private Exception? _fault;
    private bool _disposed;

    public SourceRig(string bootstrapServers, string group, int batches, int rows, int values, int maxMessageBytes, TimeSpan linger)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = bootstrapServers,
            GroupId = group,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoOffsetStore = false,
            AutoCommitIntervalMs = 50,
            FetchWaitMaxMs = 10,
            SessionTimeoutMs = 6000,
            PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
        };
        var options = new KafkaSourceOptions { Linger = linger, MaxMessageBytes = maxMessageBytes, RevocationTimeout = TimeSpan.FromSeconds(2) };
        _ring = new BatchRing<KafkaBatch>(batches, () => new KafkaBatch(rows, values, maxMessageBytes));
        _source = new KafkaSource(config, [_routes.Route()], TestRoutes.Names, _ring, options, this);
        _thread = new Thread(() =>
        {
            try
            {
                _source.Run(_stop.Token);
            }
            catch (Exception e)
            {
                _fault = e;
            }
        });
        _thread.Start();
    }

    public int Pauses { get; private set; }

    public int Resumes { get; private set; }

    /// <summary>Partitions assigned, over all assignments.</summary>
    public int Assigned { get; private set; }

    /// <summary>Batches that were filled and not taken yet.</summary>
    public int Waiting => _filled.Count;

    /// <summary>Takes a filled batch; null when none comes in time.</summary>
    public KafkaBatch? Take(TimeSpan timeout) => _filled.TryTake(out KafkaBatch? batch, timeout) ? batch : null;

    /// <summary>Copies the records of a batch out and gives it back as delivered.</summary>
    public List<ConsumedRecord> Finish(KafkaBatch batch)
    {
        List<ConsumedRecord> records = [];
        for (int i = 0; i < batch.Count; i++)
        {
            KafkaRecord record = batch[i];
            records.Add(new ConsumedRecord(
                record.Kind, record.Partition, record.Offset, record.HasKey ? batch.Arena.At(record.Key).ToArray() : null,
                record.Rows == 1 ? batch.Vectors.Input(record.FirstRow).ToArray() : null, record.Headers?.Count ?? 0, record.Timestamp.UnixTimestampMs));
        }

        _source.StoreOffsets(batch);
        batch.Clear();
        _ring.Return(batch);
        return records;
    }

    /// <summary>Finishes what comes until there are this many records or time is up.</summary>
    public List<ConsumedRecord> FinishUntil(int count, TimeSpan? timeout = null)
    {
        List<ConsumedRecord> records = [];
        var time = System.Diagnostics.Stopwatch.StartNew();
        while (records.Count < count && time.Elapsed < (timeout ?? KafkaClients.Bound))
        {
            if (Take(TimeSpan.FromMilliseconds(100)) is { } batch)
                records.AddRange(Finish(batch));
        }

        return records;
    }

    public void Stop()
    {
        _stop.Cancel();
        Assert.True(_thread.Join(TimeSpan.FromSeconds(5)), "the source did not stop");
        Assert.Null(_fault);
    }

    public void OnBatchFilled(KafkaBatch batch) => _filled.Add(batch);

    public void OnRecordConsumed(KafkaRecord record)
    {
    }

    public void OnAssigned(IReadOnlyList<TopicPartition> partitions) => Assigned += partitions.Count;

    public void OnRevoked(IReadOnlyList<TopicPartition> partitions, bool drained)
    {
    }

    public void OnPaused(bool paused)
    {
        if (paused)
            Pauses++;
        else
            Resumes++;
    }

    public void OnSourceError(Error error)
    {
    }

    public void OnSourceLog(LogMessage message)
    {
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _stop.Cancel();
        _thread.Join();
        _source.Close(KafkaClients.Bound);
        _source.Dispose();
        _ring.Dispose();
        _routes.Dispose();
        _filled.Dispose();
        _stop.Dispose();
    }
}
