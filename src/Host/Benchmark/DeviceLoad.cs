using System.Diagnostics;
using GpuCrypt.Host.Telemetry;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Host.Benchmark;

/// <summary>
/// Keeps a device busy with batches of one operation, as the service does: while the device works on one batch the next ones are with it
/// already, so that no worker waits for another. Not thread-safe.
/// </summary>
internal sealed class DeviceLoad : IDisposable
{
    /// <summary>
    /// The batches with the device, as many as a ring of the service has beside the one that is being filled. With two, workers that are
    /// through with both wait for the next: at 64 rows of 384 elements two threads did 1.5 times the work of one, with three 1.8 times.
    /// </summary>
    public const int BatchesInFlight = 3;

    private readonly Workload[] _batches = new Workload[BatchesInFlight];
    private readonly long[] _submittedAt = new long[BatchesInFlight];

    /// <summary>Fills the batches. Parameters as of <see cref="Workload"/>.</summary>
    /// <exception cref="DeviceException">The device failed, or a row did.</exception>
    public DeviceLoad(IVectorDevice device, BenchmarkKeys keys, BatchOperation operation, IvSource ivs, int dimension, int rows)
    {
        try
        {
            for (int i = 0; i < _batches.Length; i++)
                _batches[i] = new Workload(device, keys, operation, ivs, dimension, rows);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>
    /// Measures for a time, from the end of one batch to the end of another, at least one. The device is idle before and after. Every row of
    /// every batch is checked to have succeeded.
    /// </summary>
    /// <param name="time">How long.</param>
    /// <param name="batchTimes">Receives, for each batch measured, the nanoseconds from its handing over to its end; nothing when null.</param>
    /// <param name="cancellation">Ends it early, between batches.</param>
    /// <exception cref="DeviceException">The device failed, or a row did.</exception>
    public LoadSlice Measure(TimeSpan time, HdrHistogram? batchTimes, CancellationToken cancellation)
    {
        // Both readings stop every thread for a moment, and are taken while there is nothing to stop.
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < _batches.Length; i++)
            Submit(i);

        // The first batch met an idle device; its end is where the clock starts.
        int next = 0;
        long start = Finish(next), end = start, length = (long)(time.TotalSeconds * Stopwatch.Frequency), vectors = 0, run = _batches[next].Rows;
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        do
        {
            cancellation.ThrowIfCancellationRequested();
            Submit(next);
            next = (next + 1) % _batches.Length;
            // Two batches may end in either order, and time does not run backwards.
            end = Math.Max(end, Finish(next));
            batchTimes?.Record(Nanoseconds(_submittedAt[next], _batches[next].CompletedAt));
            vectors += _batches[next].Rows;
        }
        while (end - start < length);

        processor = Environment.CpuUsage.TotalTime - processor;
        for (int i = 1; i < _batches.Length; i++)
        {
            Workload last = _batches[(next + i) % _batches.Length];
            last.Wait();
            last.Check();
            run += last.Rows;
        }

        return new LoadSlice(vectors, end - start, processor, vectors + run, GC.GetTotalAllocatedBytes(precise: true) - allocated);
    }

    public void Dispose()
    {
        // A batch that is still with the device is waited for.
        foreach (Workload? batch in _batches)
            batch?.Dispose();
    }

    private static long Nanoseconds(long from, long to) => (long)((to - from) * (1e9 / Stopwatch.Frequency));

    private void Submit(int batch)
    {
        _submittedAt[batch] = Stopwatch.GetTimestamp();
        _batches[batch].Submit();
    }

    private long Finish(int batch)
    {
        _batches[batch].Wait();
        _batches[batch].Check();
        return _batches[batch].CompletedAt;
    }
}
