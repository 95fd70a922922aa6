using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace GpuCrypt.Kernels.Keys;

/// <summary>
/// A block outside the garbage collector's heap, zeroed at first, wiped before it is given back: a collector that moves objects would
/// leave copies of a key behind. Thread-safe disposal.
/// </summary>
internal sealed unsafe class SecretMemory : IDisposable
{
    private nint _pointer;

    /// <summary>Allocates <paramref name="size"/> zero bytes, aligned to 64.</summary>
    public SecretMemory(int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        Size = size;
        _pointer = (nint)NativeMemory.AlignedAlloc((nuint)Math.Max(size, 1), 64);
        new Span<byte>((void*)_pointer, size).Clear();
    }

    ~SecretMemory() => Release();

    /// <summary>The size in bytes.</summary>
    public int Size { get; }

    /// <summary>The address of the block.</summary>
    /// <exception cref="ObjectDisposedException">The block was wiped and given back.</exception>
    public byte* Pointer
    {
        get
        {
            nint pointer = _pointer;
            ObjectDisposedException.ThrowIf(pointer == 0, this);
            return (byte*)pointer;
        }
    }

    /// <summary>The block as a span, valid until disposal.</summary>
    public Span<byte> Bytes => new(Pointer, Size);

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        nint pointer = Interlocked.Exchange(ref _pointer, 0);
        if (pointer == 0)
            return;
        CryptographicOperations.ZeroMemory(new Span<byte>((void*)pointer, Size));
        NativeMemory.AlignedFree((void*)pointer);
    }
}
