using System.Collections.Concurrent;
using System.Globalization;
using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>
/// The processor's cores and vector units. Batches are worked on in the order they were submitted, each by all workers at once; a small
/// batch that is run synchronously is done on the caller's thread. Thread-safe.
/// </summary>
public sealed class CpuDevice : IVectorDevice
{
    // About 16,000 elements a claim: tens of microseconds, long against a claim and short against a batch.
    private const int ChunkValues = 16384;

    private readonly CpuPath _path;
    private readonly Thread[] _threads;
    private readonly Queue<CpuJob> _jobs = new();
    private readonly ConcurrentBag<CpuRows> _callers = [];
    private CpuRows? _caller;
    private bool _stopping;

    /// <summary>Starts the workers.</summary>
    /// <param name="path">Which code to run.</param>
    /// <param name="threads">How many workers; 0 for one a core.</param>
    /// <exception cref="DeviceException">The processor does not support the path.</exception>
    public CpuDevice(CpuPath path = CpuPath.Widest, int threads = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        if (!CpuPaths.IsSupported(path))
            throw new DeviceException($"device {CpuPaths.Name(path)}: this processor lacks {CpuPaths.Requirement(path)}");
        _path = path;
        _threads = new Thread[threads == 0 ? Environment.ProcessorCount : threads];
        Description = Describe(path, _threads.Length);
        for (int i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(WorkerLoop) { IsBackground = true, Name = string.Create(CultureInfo.InvariantCulture, $"gpucrypt-cpu-{i}") };
            _threads[i].Start();
        }
    }

    /// <inheritdoc/>
    public DeviceDescription Description { get; }

    /// <inheritdoc/>
    public BatchMemory Memory => BatchMemory.PageLocked;

    /// <inheritdoc/>
    public void Submit(VectorBatch batch, BatchOperation operation)
    {
        ArgumentNullException.ThrowIfNull(batch);
        lock (_jobs)
        {
            // Before the batch counts as handed over: one that is refused stays the caller's, to run elsewhere.
            ObjectDisposedException.ThrowIf(_stopping, this);
            CpuJob job = Prepare(batch, operation);
            if (batch.Rows == 0)
                return;
            _jobs.Enqueue(job);
            Monitor.PulseAll(_jobs);
        }
    }

    /// <inheritdoc/>
    public void Wait(VectorBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        (batch.DeviceState as CpuJob)?.Wait();
    }

    /// <inheritdoc/>
    public void Run(VectorBatch batch, BatchOperation operation)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.ValuesUsed > ChunkValues && _threads.Length > 1)
        {
            Submit(batch, operation);
            Wait(batch);
            return;
        }

        ObjectDisposedException.ThrowIf(Volatile.Read(ref _stopping), this);
        CpuJob job = JobOf(batch, operation);
        // One caller at a time is the rule, and a field costs it less than the bag.
        CpuRows? rows = Interlocked.Exchange(ref _caller, null);
        if (rows is null && !_callers.TryTake(out rows))
            rows = CpuRows.Create(_path);
        try
        {
            job.RunAlone(operation, rows);
        }
        finally
        {
            if (Interlocked.Exchange(ref _caller, rows) is { } other)
                _callers.Add(other);
            // The device was disposed meanwhile and may have looked there before.
            if (Volatile.Read(ref _stopping))
                WipeCallers();
        }
    }

    /// <summary>Finishes what was submitted, then stops the workers and wipes their scratch.</summary>
    public void Dispose()
    {
        lock (_jobs)
        {
            if (_stopping)
                return;
            Volatile.Write(ref _stopping, true);
            Monitor.PulseAll(_jobs);
        }

        foreach (Thread thread in _threads)
            thread.Join();
        WipeCallers();
    }

    internal static DeviceDescription Describe(CpuPath path, int threads)
    {
        CpuPath resolved = CpuPaths.Resolve(path);
        string detail = resolved switch
        {
            CpuPath.Vector512 => "Vector512 (AVX-512)",
            CpuPath.Vector256 => "Vector256 (AVX2)",
            CpuPath.Portable => "portable Vector128",
            _ => "scalar definition",
        };
        return new DeviceDescription(CpuPaths.Name(path), "cpu", ProcessorName.Value, detail, threads, path == CpuPath.Widest);
    }

    private CpuJob Prepare(VectorBatch batch, BatchOperation operation)
    {
        CpuJob job = JobOf(batch, operation);
        job.Start(operation, ChunkRows(batch));
        return job;
    }

    private static CpuJob JobOf(VectorBatch batch, BatchOperation operation)
    {
        batch.CheckKeys(operation);
        if (batch.DeviceState is not CpuJob job)
        {
            (batch.DeviceState as IDisposable)?.Dispose();
            job = new CpuJob(batch);
            batch.DeviceState = job;
        }

        return job;
    }

    /// <summary>The rows of a claim: whole groups that are hashed at once, unless there are too few rows to give every worker one.</summary>
    private int ChunkRows(VectorBatch batch)
    {
        int share = (batch.Rows + _threads.Length - 1) / _threads.Length;
        if (share < Sha256Lanes.Count)
            return Math.Max(1, share);
        int average = Math.Max(1, batch.ValuesUsed / batch.Rows);
        return Math.Clamp(ChunkValues / average / Sha256Lanes.Count, 1, 16) * Sha256Lanes.Count;
    }

    private void WipeCallers()
    {
        Interlocked.Exchange(ref _caller, null)?.Dispose();
        while (_callers.TryTake(out CpuRows? rows))
            rows.Dispose();
    }

    private void WorkerLoop()
    {
        using CpuRows rows = CpuRows.Create(_path);
        while (TakeJob() is { } job)
            job.Work(rows);
    }

    /// <summary>The oldest job that has rows left; null when the device stops.</summary>
    private CpuJob? TakeJob()
    {
        lock (_jobs)
        {
            while (true)
            {
                while (_jobs.TryPeek(out CpuJob? job))
                {
                    if (!job.Exhausted)
                        return job;
                    _jobs.Dequeue();
                }

                if (_stopping)
                    return null;
                Monitor.Wait(_jobs);
            }
        }
    }
}
