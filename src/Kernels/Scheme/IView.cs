namespace GpuCrypt.Kernels.Scheme;

/// <summary>
/// A row of values that the scheme reads or writes by index. The scheme is written against this rather than spans or arrays so that
/// the same code runs over native memory on the CPU and over device memory where a compiler for GPUs accepts it (structs, static
/// methods, no spans, no exceptions, no allocation).
/// </summary>
/// <typeparam name="T">The element type.</typeparam>
internal interface IView<T>
    where T : unmanaged
{
    /// <summary>Reads element <paramref name="index"/>; not bounds-checked.</summary>
    T Get(int index);

    /// <summary>Writes element <paramref name="index"/>; not bounds-checked.</summary>
    void Set(int index, T value);
}
