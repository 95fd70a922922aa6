namespace GpuCrypt.Ingest;

/// <summary>
/// A fixed number of batches: the memory bound of a pipeline, and its back-pressure, since whoever needs a batch waits for a free one.
/// Thread-safe.
/// </summary>
/// <typeparam name="TBatch">The kind of batch.</typeparam>
public sealed class BatchRing<TBatch> : IDisposable
    where TBatch : class, IDisposable
{
    private readonly Stack<TBatch> _free = new();
    private readonly TBatch[] _all;
    private bool _disposed;

    /// <summary>Creates the batches.</summary>
    /// <param name="count">How many.</param>
    /// <param name="create">Makes one.</param>
    public BatchRing(int count, Func<TBatch> create)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentNullException.ThrowIfNull(create);
        _all = new TBatch[count];
        for (int i = 0; i < count; i++)
        {
            _all[i] = create();
            _free.Push(_all[i]);
        }
    }

    /// <summary>The number of batches.</summary>
    public int Count => _all.Length;

    /// <summary>The number of batches that are not free.</summary>
    public int Occupied
    {
        get
        {
            lock (_free)
                return _all.Length - _free.Count;
        }
    }

    /// <summary>Takes a free batch, waiting for one if need be.</summary>
    /// <param name="timeout">How long to wait at most; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <param name="batch">The batch.</param>
    /// <returns>False when none became free in time.</returns>
    public bool TryTake(TimeSpan timeout, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out TBatch? batch)
    {
        long deadline = timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        lock (_free)
        {
            while (!_free.TryPop(out batch))
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                long left = deadline == long.MaxValue ? Timeout.Infinite : deadline - Environment.TickCount64;
                if (deadline != long.MaxValue && left <= 0)
                    return false;
                Monitor.Wait(_free, (int)left);
            }

            return true;
        }
    }

    /// <summary>Gives a batch back.</summary>
    public void Return(TBatch batch)
    {
        lock (_free)
        {
            _free.Push(batch);
            Monitor.PulseAll(_free);
        }
    }

    /// <summary>Waits until every batch but <paramref name="exempt"/> is free.</summary>
    /// <returns>False when time ran out.</returns>
    public bool WaitUntilFree(int exempt, TimeSpan timeout)
    {
        long deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        lock (_free)
        {
            while (_free.Count < _all.Length - exempt)
            {
                long left = deadline - Environment.TickCount64;
                if (left <= 0)
                    return false;
                Monitor.Wait(_free, (int)Math.Min(left, int.MaxValue));
            }

            return true;
        }
    }

    /// <summary>Disposes every batch, free or not: whatever used them has stopped.</summary>
    public void Dispose()
    {
        lock (_free)
        {
            if (_disposed)
                return;
            _disposed = true;
            _free.Clear();
            Monitor.PulseAll(_free);
        }

        foreach (TBatch batch in _all)
            batch.Dispose();
    }
}
