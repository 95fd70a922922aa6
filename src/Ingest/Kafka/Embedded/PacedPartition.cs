using Confluent.Kafka;

namespace GpuCrypt.Ingest.Kafka.Embedded;

/// <summary>One partition of a <see cref="PacedProducer"/>: its window and the calls that wait for room in it, first come first served. Thread-safe.</summary>
/// <param name="partition">Topic and partition.</param>
/// <param name="options">The window.</param>
/// <param name="send">Hands a record to the client; called under this partition's lock, whoever made the room, so that records keep the order of the calls.</param>
internal sealed class PacedPartition(TopicPartition partition, PacedProducerOptions options, Action<TopicPartition, Message<byte[], byte[]>> send)
{
    private readonly Lock _gate = new();
    private readonly OutstandingRecords _outstanding = new(options.WindowBytes, options.WindowRecords);
    private readonly LinkedList<Waiter> _waiters = new();
    private Exception? _fault;

    public (int Records, long Bytes) Outstanding
    {
        get
        {
            lock (_gate)
                return (_outstanding.Count, _outstanding.Bytes);
        }
    }

    /// <summary>Sends the record now and returns <see langword="null"/>, or returns what to wait on.</summary>
    public Waiter? Enter(Message<byte[], byte[]> message, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        cancellation.ThrowIfCancellationRequested();
        int size = RecordSize.UpperBound(message);
        lock (_gate)
        {
            ThrowIfEnded();
            if (_waiters.Count == 0 && _outstanding.HasRoomFor(size))
            {
                Send(message, size);
                return null;
            }
            Waiter waiter = new(this, message, size);
            _waiters.AddLast(waiter);
            return waiter;
        }
    }

    public void Advance(int records)
    {
        lock (_gate)
        {
            _outstanding.Release(records);
            AdmitWaiters();
        }
    }

    public void AdvanceTo(long offset)
    {
        lock (_gate)
        {
            _outstanding.ReleaseTo(offset);
            AdmitWaiters();
        }
    }

    public void Delivered(long offset)
    {
        lock (_gate)
        {
            _outstanding.Delivered(offset);
            AdmitWaiters();
        }
    }

    /// <summary>Ends the partition: waiting calls and all later ones throw. The first exception stays.</summary>
    public void Fail(Exception exception)
    {
        lock (_gate)
        {
            _fault ??= exception;
            foreach (Waiter waiter in _waiters)
                waiter.Source.TrySetException(Copy(_fault));
            _waiters.Clear();
        }
    }

    /// <summary>Throws what has ended the partition, if anything.</summary>
    public void ThrowIfEnded()
    {
        if (Volatile.Read(ref _fault) is { } fault)
            throw Copy(fault);
    }

    /// <summary>A new exception for each caller: one object thrown from several threads would mix their stack traces.</summary>
    private static Exception Copy(Exception fault) => fault switch
    {
        KafkaException kafka => new KafkaException(kafka.Error, kafka),
        ObjectDisposedException disposed => new ObjectDisposedException(disposed.ObjectName),
        _ => new InvalidOperationException(fault.Message, fault),
    };

    private void Send(Message<byte[], byte[]> message, int size)
    {
        send(partition, message);
        _outstanding.Add(size);
    }

    private void AdmitWaiters()
    {
        while (_waiters.First is { } first && _outstanding.HasRoomFor(first.Value.Size))
        {
            _waiters.RemoveFirst();
            try
            {
                Send(first.Value.Message, first.Value.Size);
                first.Value.Source.TrySetResult();
            }
#pragma warning disable CA1031 // The exception belongs to the call that waits, not to the one that made room.
            catch (Exception e)
            {
                first.Value.Source.TrySetException(e);
            }
#pragma warning restore CA1031
        }
    }

    private void Cancel(Waiter waiter, CancellationToken cancellation)
    {
        lock (_gate)
        {
            // Not in the list: sent or failed already, and that is the answer.
            if (!_waiters.Remove(waiter))
                return;
            waiter.Source.TrySetCanceled(cancellation);
            // The one behind may be smaller and fit.
            AdmitWaiters();
        }
    }

    /// <summary>A record that waits for room.</summary>
    public sealed class Waiter(PacedPartition owner, Message<byte[], byte[]> message, int size)
    {
        public Message<byte[], byte[]> Message { get; } = message;

        public int Size { get; } = size;

        // Asynchronously: a caller's code must not run under the partition's lock.
        public TaskCompletionSource Source { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Wait(CancellationToken cancellation)
        {
            using CancellationTokenRegistration registration = Register(cancellation);
            Source.Task.GetAwaiter().GetResult();
        }

        public async Task WaitAsync(CancellationToken cancellation)
        {
            using CancellationTokenRegistration registration = Register(cancellation);
            await Source.Task.ConfigureAwait(false);
        }

        private CancellationTokenRegistration Register(CancellationToken cancellation)
            => cancellation.UnsafeRegister(static (state, token) => ((Waiter)state!).Cancel(token), this);

        private void Cancel(CancellationToken token) => owner.Cancel(this, token);
    }
}
