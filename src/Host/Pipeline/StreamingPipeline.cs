using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Confluent.Kafka;
using GpuCrypt.Host.Service;
using GpuCrypt.Host.Telemetry;
using GpuCrypt.Ingest;
using GpuCrypt.Ingest.Kafka;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;
using Microsoft.Extensions.Logging;

namespace GpuCrypt.Host.Pipeline;

/// <summary>
/// Source → device → sink for one process. The caller's thread consumes and fills batches, the device works on them, a second thread
/// produces results in order, and the client's thread retires batches: in the order they were filled, once everything in them is
/// acknowledged, so that a stored offset never runs ahead of the sink.
/// </summary>
internal sealed class StreamingPipeline : IKafkaSourceObserver, IKafkaSinkObserver, IDisposable
{
    private static readonly TimeSpan SinkPoll = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan WarmUpTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeastCloseTime = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(100);

    private readonly IVectorDevice _device;
    private readonly IvSource _ivs;
    private readonly StageLatencies _latencies;
    private readonly PipelineCounters _counters;
    private readonly ILogger _logger;
    private readonly RejectionLog _rejections;
    private readonly BatchRing<KafkaBatch> _ring;
    private readonly KafkaSource _source;
    private readonly KafkaSink _sink;
    private readonly BlockingCollection<KafkaBatch> _ready = [];
    private readonly Queue<KafkaBatch> _inFlight = new();
    private readonly string[] _targets;
    private readonly ManualResetEventSlim _assigned = new();
    private readonly CancellationTokenSource _halt = new();
    private readonly CancellationTokenSource _fault = new();
    private ExceptionDispatchInfo? _error;

    public StreamingPipeline(StreamingPipelineOptions options, IVectorDevice device, StageLatencies latencies, PipelineCounters counters, ILogger logger)
    {
        _device = device;
        _ivs = options.Ivs;
        _targets = [.. options.Routes.SelectMany(r => new[] { r.Sink.Topic, r.DeadLetter.Topic }).Distinct()];
        _latencies = latencies;
        _counters = counters;
        _logger = logger;
        _rejections = new RejectionLog(logger);
        _ring = new BatchRing<KafkaBatch>(
            options.Batches, () => new KafkaBatch(options.BatchRows, options.BatchBytes / sizeof(float), options.Source.MaxMessageBytes, device.Memory));
        try
        {
            _sink = new KafkaSink(options.Producer, options.Headers, this);
            _source = new KafkaSource(options.Consumer, options.Routes, options.Headers, _ring, options.Source, this);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The batches that are not free.</summary>
    public int OccupiedBatches => _ring.Occupied;

    /// <summary>Waits until this process has partitions to consume for the first time.</summary>
    /// <returns>False when it got none in time.</returns>
    public bool WaitUntilAssigned(TimeSpan timeout, CancellationToken cancellation) => _assigned.Wait(timeout, cancellation);

    /// <summary>Runs until told to stop, or until something makes going on impossible.</summary>
    /// <param name="stop">Consume no more; finish, commit and return.</param>
    /// <param name="drainTimeout">How long finishing may take.</param>
    /// <returns>True when everything that was consumed is delivered and committed.</returns>
    /// <exception cref="KafkaException">A client cannot go on.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public bool Run(TimeSpan drainTimeout, CancellationToken stop)
    {
        var sinkThread = new Thread(SinkLoop) { IsBackground = true, Name = "gpucrypt-sink" };
        sinkThread.Start();
        using (var either = CancellationTokenSource.CreateLinkedTokenSource(stop, _fault.Token))
            Consume(either.Token);

        _ready.CompleteAdding();
        var draining = Stopwatch.StartNew();
        bool drained = _error is null && WaitUntilDelivered(drainTimeout);
        _halt.Cancel();
        sinkThread.Join();
        _rejections.Flush();
        // After a fault too: what was stored is delivered, and the group need not wait for the session to end.
        TimeSpan left = drainTimeout - draining.Elapsed;
        bool committed = _source.Close(left > LeastCloseTime ? left : LeastCloseTime);
        _error?.Throw();
        if (!committed)
            _logger.NotCommitted();
        return drained && committed;
    }

    public void Dispose()
    {
        // The clients first, since their threads still touch batches; the sink before the source, whose offsets late acknowledgements store.
        _sink?.Dispose();
        _source?.Dispose();
        _ring.Dispose();
        _ready.Dispose();
        _assigned.Dispose();
        _halt.Dispose();
        _fault.Dispose();
    }

    public void OnBatchFilled(KafkaBatch batch)
    {
        for (int i = 0; i < batch.Count; i++)
            _latencies.Record(Stage.Fill, Nanoseconds(batch[i].ConsumedAt, batch.SealedAt));
        batch.Vectors.IvSource = _ivs;
        _counters.Batch();
        lock (_inFlight)
            _inFlight.Enqueue(batch);
        _device.Submit(batch.Vectors, BatchOperation.Encrypt);
        _ready.Add(batch);
    }

    public void OnRecordConsumed(KafkaRecord record)
    {
        _counters.Consumed(record.ValueSize);
        if (record.Timestamp.Type != TimestampType.NotAvailable)
            _latencies.RecordSinceUnixMilliseconds(Stage.IngestWait, record.Timestamp.UnixTimestampMs);
    }

    public void OnAssigned(IReadOnlyList<TopicPartition> partitions)
    {
        _counters.Rebalance();
        _logger.Assigned(partitions.Count, string.Join(", ", partitions));
        if (partitions.Count > 0)
            _assigned.Set();
    }

    public void OnRevoked(IReadOnlyList<TopicPartition> partitions, bool drained)
    {
        _counters.Rebalance();
        if (drained)
            _logger.Revoked(partitions.Count, string.Join(", ", partitions));
        else
            _logger.RevokedUndrained(partitions.Count, string.Join(", ", partitions));
    }

    public void OnPaused(bool paused)
    {
        if (!paused)
        {
            _logger.Resumed();
            return;
        }

        _counters.Pause();
        _logger.Paused();
    }

    public void OnSourceError(Error error) => OnClientError("source", error);

    public void OnSinkError(Error error) => OnClientError("sink", error);

    public void OnSourceLog(LogMessage message) => _logger.Client("source", message.Facility, message.Message);

    public void OnSinkLog(LogMessage message) => _logger.Client("sink", message.Facility, message.Message);

    public void OnRejected(KafkaRecord record)
    {
        _counters.Reject(record.Rejection.Reason);
        _rejections.Add(record);
    }

    public void OnRecordDelivered(KafkaRecord record)
    {
        long now = Stopwatch.GetTimestamp();
        _latencies.Record(Stage.Sink, Nanoseconds(record.Batch.ReadyAt, now));
        _latencies.Record(Stage.EndToEnd, Nanoseconds(record.ConsumedAt, now));
        _counters.Delivered(record.Rows);
    }

    public void OnRecordFailed(KafkaRecord record, Error error)
    {
        _counters.Retry();
        _logger.NotDelivered(record.Route.Source, record.Partition, record.Offset, error.Reason);
        if (error.IsFatal)
            Fault(new KafkaException(error));
    }

    public void OnBatchDelivered(KafkaBatch batch)
    {
        lock (_inFlight)
        {
            while (_inFlight.TryPeek(out KafkaBatch? oldest) && oldest.IsDelivered)
            {
                _inFlight.Dequeue();
                _source.StoreOffsets(oldest);
                oldest.Clear();
                _ring.Return(oldest);
            }

            if (_inFlight.Count == 0)
                Monitor.PulseAll(_inFlight);
        }
    }

    private static long Nanoseconds(long from, long to) => (long)((to - from) * (1e9 / Stopwatch.Frequency));

    private void Consume(CancellationToken stop)
    {
        try
        {
            _source.Run(stop);
        }
#pragma warning disable CA1031 // Thrown again by Run, after the other threads have stopped.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Fault(e);
        }
    }

    private void SinkLoop()
    {
        try
        {
            foreach (string topic in _sink.WarmUp(_targets, WarmUpTimeout, _halt.Token))
                _logger.TopicMissing(topic);
            while (!_ready.IsCompleted || HasInFlight())
            {
                _halt.Token.ThrowIfCancellationRequested();
                if (_sink.HasFailed)
                {
                    // Before anything new, which would overtake it.
                    _halt.Token.WaitHandle.WaitOne(RetryAfter);
                    _sink.RetryFailed(_halt.Token);
                }
                else if (_ready.TryTake(out KafkaBatch? batch, SinkPoll))
                {
                    Deliver(batch);
                }
                else if (_ready.IsCompleted)
                {
                    _halt.Token.WaitHandle.WaitOne(RetryAfter);
                }
            }
        }
        catch (OperationCanceledException) when (_halt.IsCancellationRequested)
        {
            // Out of time, or after a fault: what is not delivered will be consumed again.
        }
#pragma warning disable CA1031 // Thrown again by Run.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Fault(e);
        }
    }

    private void Deliver(KafkaBatch batch)
    {
        _device.Wait(batch.Vectors);
        batch.ReadyAt = batch.Vectors.Rows > 0 ? batch.Vectors.CompletedAt : batch.SealedAt;
        _latencies.Record(Stage.Device, Nanoseconds(batch.SealedAt, batch.ReadyAt), batch.Count);
        _sink.Produce(batch, _halt.Token);
    }

    private bool HasInFlight()
    {
        lock (_inFlight)
            return _inFlight.Count > 0;
    }

    private bool WaitUntilDelivered(TimeSpan timeout)
    {
        long deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        lock (_inFlight)
        {
            while (_inFlight.Count > 0 && _error is null)
            {
                long left = deadline - Environment.TickCount64;
                if (left <= 0)
                {
                    _logger.NotDrained(_inFlight.Sum(b => b.Unacknowledged), timeout);
                    return false;
                }

                Monitor.Wait(_inFlight, (int)Math.Min(left, int.MaxValue));
            }

            return _error is null;
        }
    }

    private void OnClientError(string client, Error error)
    {
        if (!error.IsFatal)
        {
            _logger.ClientError(client, error.Code.ToString(), error.Reason);
            return;
        }

        Fault(new KafkaException(error));
    }

    private void Fault(Exception e)
    {
        lock (_inFlight)
        {
            _error ??= ExceptionDispatchInfo.Capture(e);
            Monitor.PulseAll(_inFlight);
        }

        _fault.Cancel();
    }
}
