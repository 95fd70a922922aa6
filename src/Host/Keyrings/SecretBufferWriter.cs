using System.Buffers;

namespace GpuCrypt.Host.Keyrings;

/// <summary>A growing buffer for text that holds secrets: pinned, and wiped when it grows and when it is disposed. Not thread-safe.</summary>
internal sealed class SecretBufferWriter : IBufferWriter<byte>, IDisposable
{
    // Memory<byte> needs an array, which SecretBytes keeps to itself.
    private byte[] _buffer = GC.AllocateArray<byte>(4096, pinned: true);
    private int _written;

    /// <summary>What was written so far.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _written);

    /// <inheritdoc/>
    public void Advance(int count) => _written += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(_written);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(_written);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Array.Clear(_buffer);
        _written = 0;
    }

    private void Reserve(int size)
    {
        size = Math.Max(size, 1);
        if (_buffer.Length - _written >= size)
            return;
        byte[] larger = GC.AllocateArray<byte>(Math.Max(_buffer.Length * 2, checked(_written + size)), pinned: true);
        Written.CopyTo(larger);
        Array.Clear(_buffer);
        _buffer = larger;
    }
}
