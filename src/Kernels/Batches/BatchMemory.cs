using System.Runtime.InteropServices;

namespace GpuCrypt.Kernels.Batches;

/// <summary>
/// Where batches take their memory: locked into physical memory, so that embeddings never reach swap and a device can copy from it
/// directly. A device brings its own kind; this is the operating system's. Thread-safe.
/// </summary>
public unsafe partial class BatchMemory
{
    private const int PageSize = 4096;

    /// <summary>Memory locked by mlock(2); where the limit on locked memory forbids it, ordinary memory (see <see cref="Locked"/>).</summary>
    public static BatchMemory PageLocked { get; } = new();

    /// <summary>False once the operating system has refused to lock an allocation (RLIMIT_MEMLOCK).</summary>
    public bool Locked { get; private set; } = true;

    /// <summary>Allocates zeroed memory, aligned to a page.</summary>
    /// <param name="size">The size in bytes.</param>
    /// <exception cref="OutOfMemoryException">There is not enough memory.</exception>
    public virtual nint Allocate(nuint size)
    {
        void* pointer = NativeMemory.AlignedAlloc(size, PageSize);
        NativeMemory.Clear(pointer, size);
        if (MLock(pointer, size) != 0)
            Locked = false;
        return (nint)pointer;
    }

    /// <summary>Wipes and gives back what <see cref="Allocate"/> gave.</summary>
    /// <param name="pointer">The address.</param>
    /// <param name="size">The size in bytes, as allocated.</param>
    public virtual void Free(nint pointer, nuint size)
    {
        NativeMemory.Clear((void*)pointer, size);
        _ = MUnlock((void*)pointer, size);
        NativeMemory.AlignedFree((void*)pointer);
    }

    [LibraryImport("libc", EntryPoint = "mlock")]
    private static partial int MLock(void* address, nuint length);

    [LibraryImport("libc", EntryPoint = "munlock")]
    private static partial int MUnlock(void* address, nuint length);
}
