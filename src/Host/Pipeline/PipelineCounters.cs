using GpuCrypt.Ingest.Formats;

namespace GpuCrypt.Host.Pipeline;

/// <summary>What a pipeline has done since it started. Thread-safe; each number is right by itself.</summary>
internal sealed class PipelineCounters
{
    private readonly long[] _rejected = new long[Enum.GetValues<RejectReason>().Length];
    private long _recordsIn;
    private long _bytesIn;
    private long _recordsOut;
    private long _vectorsOut;
    private long _batches;
    private long _retries;
    private long _pauses;
    private long _rebalances;

    public long RecordsIn => Interlocked.Read(ref _recordsIn);

    /// <summary>Bytes of the values that were consumed.</summary>
    public long BytesIn => Interlocked.Read(ref _bytesIn);

    /// <summary>Records that the cluster has acknowledged, dead letters included.</summary>
    public long RecordsOut => Interlocked.Read(ref _recordsOut);

    /// <summary>Vectors in those records.</summary>
    public long VectorsOut => Interlocked.Read(ref _vectorsOut);

    public long Batches => Interlocked.Read(ref _batches);

    /// <summary>Records that had to be produced again.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>How often consumption was held back because no batch was free.</summary>
    public long Pauses => Interlocked.Read(ref _pauses);

    public long Rebalances => Interlocked.Read(ref _rebalances);

    public long Rejected => _rejected.Sum();

    /// <summary>The reasons that occurred, with their counts.</summary>
    public IEnumerable<(RejectReason Reason, long Count)> RejectedByReason() =>
        Enum.GetValues<RejectReason>().Select(r => (r, Interlocked.Read(ref _rejected[(int)r]))).Where(r => r.Item2 > 0);

    public void Consumed(int valueSize)
    {
        Interlocked.Increment(ref _recordsIn);
        Interlocked.Add(ref _bytesIn, valueSize);
    }

    public void Delivered(int vectors)
    {
        Interlocked.Increment(ref _recordsOut);
        Interlocked.Add(ref _vectorsOut, vectors);
    }

    public void Reject(RejectReason reason) => Interlocked.Increment(ref _rejected[(int)reason]);

    public void Batch() => Interlocked.Increment(ref _batches);

    public void Retry() => Interlocked.Increment(ref _retries);

    public void Pause() => Interlocked.Increment(ref _pauses);

    public void Rebalance() => Interlocked.Increment(ref _rebalances);
}
