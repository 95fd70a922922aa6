using System.Diagnostics.CodeAnalysis;
using Confluent.Kafka;

namespace GpuCrypt.Ingest.Kafka.Embedded;

/// <summary>
/// A producer to one topic that stays within reach of the topic's readers: of each partition no more than a window of records is produced and not yet acknowledged
/// by them, so that nothing falls out of an <see cref="EmbeddedBroker"/> before it was read. A caller whose record does not fit waits.
/// </summary>
/// <remarks>
/// Thread-safe. The order within a partition is that of the calls, retries included (one request in flight a connection). A record whose delivery fails for good ends
/// the producer: it and every later call throw. Positions should be what a reader would restart from (committed offsets), not merely what it has received.
/// </remarks>
public sealed class PacedProducer : IDisposable
{
    private static readonly TimeSpan WarmupTime = TimeSpan.FromSeconds(2);

    private readonly string _topic;
    private readonly PacedPartition[] _partitions;
    private readonly IProducer<byte[], byte[]> _producer;
    private readonly PacedProducerOptions _options;
    private readonly Action<DeliveryReport<byte[], byte[]>> _onDelivery;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _following = Task.CompletedTask;
    private long _produced;
    private long _delivered;
    private int _disposed;

    /// <summary>Connects to the broker; waits for it up to 2 s, and then goes on connecting while records wait.</summary>
    /// <param name="config">
    /// The client's configuration; not changed. Set here whatever it says, because order and window depend on it: acks (all), max.in.flight (1), delivery reports, the
    /// client's own queue limits.
    /// </param>
    /// <param name="topic">The topic.</param>
    /// <param name="partitions">The partitions to write to, 0 to <paramref name="partitions"/> - 1.</param>
    /// <param name="options">The window and where the readers' positions come from.</param>
    /// <exception cref="KafkaLibraryMissingException">librdkafka is not there.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The topic has fewer partitions, or an option is out of its range.</exception>
    public PacedProducer(ProducerConfig config, string topic, int partitions, PacedProducerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentException.ThrowIfNullOrEmpty(topic);
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        _options = options ?? new PacedProducerOptions();
        ThrowIfOutOfRange(_options);
        NativeLibrdkafka.Load();
        _topic = topic;
        _partitions = new PacedPartition[partitions];
        for (int i = 0; i < partitions; i++)
            _partitions[i] = new PacedPartition(new TopicPartition(topic, i), _options, Send);
        _onDelivery = OnDelivery;
        _producer = new ProducerBuilder<byte[], byte[]>(Adjusted(config, partitions))
            .SetLogHandler((_, line) => _options.Log?.Invoke($"{line.Facility}: {line.Message}"))
            .SetErrorHandler((_, error) =>
            {
                if (error.IsFatal)
                    Fault(new KafkaException(new Error(error.Code, $"producing to {_topic} ended: {error.Reason}", true)));
            })
            .Build();
        if (TopicWarmup.Ask(_producer.Handle, topic, WarmupTime) is { } found && found < partitions)
        {
            _producer.Dispose();
            throw new ArgumentOutOfRangeException(nameof(partitions), partitions, $"topic {topic} has {found} partitions.");
        }
        if (_options.Positions is not null)
            _following = Task.Run(FollowAsync);
    }

    /// <summary>Records handed to the client so far, over all partitions.</summary>
    public long Produced => Interlocked.Read(ref _produced);

    /// <summary>Records that the broker has confirmed so far, over all partitions.</summary>
    public long Delivered => Interlocked.Read(ref _delivered);

    /// <summary>A partition's records and bytes (upper bound of what they take in the log) that the readers have not acknowledged.</summary>
    public (int Records, long Bytes) Outstanding(int partition) => At(partition).Outstanding;

    /// <summary>Hands a record to the client, after waiting until the partition's window has room for it.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="message">Key, value, headers and timestamp. The client copies them: they may be reused when the call is complete.</param>
    /// <param name="cancellation">Gives up waiting; the record is then not produced.</param>
    /// <exception cref="OperationCanceledException">Cancelled while waiting.</exception>
    /// <exception cref="KafkaException">This or an earlier record could not be produced; the message says which.</exception>
    /// <exception cref="ObjectDisposedException">Disposed, before or while waiting.</exception>
    public void Produce(int partition, Message<byte[], byte[]> message, CancellationToken cancellation = default)
        => At(partition).Enter(message, cancellation)?.Wait(cancellation);

    /// <summary>As <see cref="Produce"/>, without holding a thread while waiting. Complete when the record is in the client's queue, not when it is delivered.</summary>
    /// <inheritdoc cref="Produce"/>
    public ValueTask ProduceAsync(int partition, Message<byte[], byte[]> message, CancellationToken cancellation = default)
        => At(partition).Enter(message, cancellation) is { } waiter ? new ValueTask(waiter.WaitAsync(cancellation)) : ValueTask.CompletedTask;

    /// <summary>The readers have acknowledged this many more records of a partition, the oldest first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than are outstanding.</exception>
    public void Advance(int partition, int records) => At(partition).Advance(records);

    /// <summary>The readers need no record of a partition below this offset. An offset behind an earlier one changes nothing.</summary>
    public void AdvanceTo(int partition, long offset) => At(partition).AdvanceTo(offset);

    /// <summary>Waits until the broker has confirmed every record that <see cref="Produce"/> has returned for.</summary>
    /// <exception cref="KafkaException">A record could not be delivered.</exception>
    public void Flush(CancellationToken cancellation = default)
    {
        _partitions[0].ThrowIfEnded();
        _producer.Flush(cancellation);
        _partitions[0].ThrowIfEnded();
    }

    /// <summary>Ends waiting calls with <see cref="ObjectDisposedException"/> and closes the client. Records not yet delivered are dropped: call <see cref="Flush"/> before.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        Fault(new ObjectDisposedException(nameof(PacedProducer)));
        _stop.Cancel();
        _following.Wait();
        _producer.Dispose();
        _stop.Dispose();
    }

    /// <summary>The configuration with what order and window need.</summary>
    private ProducerConfig Adjusted(ProducerConfig config, int partitions)
    {
        // The queue must hold every partition's window, or the client would refuse records that the window lets through.
        long kilobytes = 2L * partitions * _options.WindowBytes / 1024;
        long records = (long)partitions * _options.WindowRecords;
        return new ProducerConfig(config.ToDictionary(setting => setting.Key, setting => setting.Value))
        {
            Acks = Acks.All,
            MaxInFlight = 1,
            EnableDeliveryReports = true,
            DeliveryReportFields = "none",
            QueueBufferingMaxMessages = (int)Math.Clamp(records, 100_000, int.MaxValue),
            QueueBufferingMaxKbytes = (int)Math.Clamp(kilobytes, 1_048_576, int.MaxValue),
        };
    }

    /// <summary>Called by a partition under its lock, so that the client gets its records in order.</summary>
    private void Send(TopicPartition partition, Message<byte[], byte[]> message)
    {
        _producer.Produce(partition, message, _onDelivery);
        Interlocked.Increment(ref _produced);
    }

    private void OnDelivery(DeliveryReport<byte[], byte[]> report)
    {
        if (report.Error.IsError)
        {
            Fault(new KafkaException(new Error(report.Error.Code, $"topic {_topic} partition {report.Partition.Value}: a record could not be delivered: {report.Error.Reason}")));
            return;
        }
        Interlocked.Increment(ref _delivered);
        _partitions[report.Partition.Value].Delivered(report.Offset.Value);
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever the caller's function throws reaches the caller through the next call.")]
    private async Task FollowAsync()
    {
        long[] offsets = new long[_partitions.Length];
        Array.Fill(offsets, -1);
        using PeriodicTimer timer = new(_options.PositionInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                if (Array.TrueForAll(_partitions, partition => partition.Outstanding.Records == 0))
                    continue;
                _options.Positions!(offsets);
                for (int i = 0; i < offsets.Length; i++)
                    _partitions[i].AdvanceTo(offsets[i]);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            Fault(new InvalidOperationException($"topic {_topic}: the readers' positions could not be had: {e.Message}", e));
        }
    }

    private void Fault(Exception exception)
    {
        foreach (PacedPartition partition in _partitions)
            partition.Fail(exception);
    }

    private PacedPartition At(int partition)
    {
        if ((uint)partition >= (uint)_partitions.Length)
            throw new ArgumentOutOfRangeException(nameof(partition), partition, $"topic {_topic} has no partition {partition}, expected 0 to {_partitions.Length - 1}.");
        return _partitions[partition];
    }

    private static void ThrowIfOutOfRange(PacedProducerOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.WindowBytes, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.WindowBytes, PacedProducerOptions.MaxWindowBytes, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.WindowRecords, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.WindowRecords, EmbeddedBroker.PartitionCapacityBatches, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.PositionInterval, TimeSpan.FromMilliseconds(1), nameof(options));
    }
}
