using System.Diagnostics;
using System.Runtime.ExceptionServices;
using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>A batch on its way through the CPU device; one a batch, kept with it. Rows are claimed in chunks by whichever worker is free.</summary>
internal sealed class CpuJob(VectorBatch batch) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _done = new(true, 0);
    private BatchOperation _operation;
    private int _rows;
    private int _chunk;
    private int _remaining;
    private ExceptionDispatchInfo? _error;

    // The run's number in the high half, the next unclaimed row in the low: a worker still leaving the run before cannot claim from this one.
    private long _claim;

    /// <summary>Whether the batch is with the device.</summary>
    public bool Running => !_done.IsSet;

    /// <summary>Whether every row is claimed.</summary>
    public bool Exhausted => (int)Volatile.Read(ref _claim) >= _rows;

    /// <summary>Prepares a run over the batch's rows.</summary>
    public void Start(BatchOperation operation, int chunk)
    {
        ThrowIfRunning();
        long run = ((_claim >> 32) + 1) << 32;
        // A full fence, where a volatile write is not enough: the new row count must not be seen before the old run is closed.
        Interlocked.Exchange(ref _claim, run | int.MaxValue);
        _operation = operation;
        _rows = batch.Rows;
        _chunk = chunk;
        _error = null;
        _remaining = _rows;
        if (_rows > 0)
            _done.Reset();
        Volatile.Write(ref _claim, run);
    }

    /// <summary>
    /// Runs the whole batch on the calling thread, without claims: the last run's are used up, so no worker takes part. What goes wrong is
    /// thrown here.
    /// </summary>
    public void RunAlone(BatchOperation operation, CpuRows rows)
    {
        ThrowIfRunning();
        if (batch.Rows == 0)
            return;
        _error = null;
        _done.Reset();
        try
        {
            rows.Run(batch, operation, 0, batch.Rows);
        }
#pragma warning disable CA1031 // As for a worker.
        catch (Exception e)
#pragma warning restore CA1031
        {
            throw Failure(e);
        }
        finally
        {
            batch.CompletedAt = Stopwatch.GetTimestamp();
            _done.Set();
        }
    }

    /// <summary>Claims and runs chunks until none is left.</summary>
    public void Work(CpuRows rows)
    {
        while (TryClaim(out int first))
        {
            int count = Math.Min(_chunk, _rows - first);
            try
            {
                rows.Run(batch, _operation, first, count);
            }
#pragma warning disable CA1031 // Whatever a worker meets belongs to whoever waits for the batch.
            catch (Exception e)
#pragma warning restore CA1031
            {
                lock (_gate)
                    _error ??= ExceptionDispatchInfo.Capture(e);
            }

            if (Interlocked.Add(ref _remaining, -count) == 0)
            {
                batch.CompletedAt = Stopwatch.GetTimestamp();
                _done.Set();
            }
        }
    }

    /// <summary>Waits until no worker uses the batch any more.</summary>
    public void Dispose()
    {
        _done.Wait();
        _done.Dispose();
    }

    /// <summary>Waits until every row is done.</summary>
    public void Wait()
    {
        _done.Wait();
        if (_error is { } error)
        {
            _error = null;
            throw Failure(error.SourceException);
        }
    }

    private static DeviceException Failure(Exception cause) => new($"the CPU device failed: {cause.Message}", cause);

    private void ThrowIfRunning()
    {
        if (Running)
            throw new InvalidOperationException("This batch is with a device already: wait for it before it is submitted again.");
    }

    private bool TryClaim(out int first)
    {
        while (true)
        {
            long claim = Volatile.Read(ref _claim);
            first = (int)claim;
            if (first >= _rows)
                return false;
            long next = (claim & ~0xffffffffL) | (uint)Math.Min((long)first + _chunk, int.MaxValue);
            if (Interlocked.CompareExchange(ref _claim, next, claim) == claim)
                return true;
        }
    }
}
