using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Ingest.Kafka;

/// <summary>A stretch of a <see cref="ByteArena"/>.</summary>
internal readonly record struct ArenaRange(int Start, int Length);

/// <summary>Bytes of a batch's records that are no vectors: keys, envelopes, rejected payloads. Filled front to back, emptied at once. Not thread-safe.</summary>
internal sealed unsafe class ByteArena : IDisposable
{
    private nint _memory;
    private int _used;

    public ByteArena(int capacity)
    {
        Capacity = capacity;
        _memory = BatchMemory.PageLocked.Allocate((nuint)capacity);
    }

    public int Capacity { get; }

    public bool HasRoom(int size) => size <= Capacity - _used;

    /// <summary>Takes room; false when there is not enough.</summary>
    public bool TryTake(int size, out ArenaRange range)
    {
        range = new ArenaRange(_used, size);
        if (!HasRoom(size))
            return false;
        _used += size;
        return true;
    }

    /// <summary>Copies bytes in; false when there is not enough room.</summary>
    public bool TryAdd(ReadOnlySpan<byte> bytes, out ArenaRange range)
    {
        if (!TryTake(bytes.Length, out range))
            return false;
        bytes.CopyTo(At(range));
        return true;
    }

    public Span<byte> At(ArenaRange range)
    {
        ObjectDisposedException.ThrowIf(_memory == 0, this);
        return new Span<byte>((byte*)_memory + range.Start, range.Length);
    }

    public void Clear() => _used = 0;

    public void Dispose()
    {
        nint memory = Interlocked.Exchange(ref _memory, 0);
        if (memory != 0)
            BatchMemory.PageLocked.Free(memory, (nuint)Capacity);
    }
}
