namespace GpuCrypt.Kernels.Scheme;

/// <summary>A view over native or pinned memory. The caller keeps the memory alive and in place while the view is used.</summary>
/// <typeparam name="T">The element type.</typeparam>
/// <param name="pointer">Address of element 0.</param>
internal readonly unsafe struct NativeView<T>(T* pointer) : IView<T>
    where T : unmanaged
{
    /// <inheritdoc/>
    public T Get(int index) => pointer[index];

    /// <inheritdoc/>
    public void Set(int index, T value) => pointer[index] = value;
}
