using System.Security.Cryptography;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>
/// The way from one key's shuffled order straight to another's, for rotation: one pass over a row instead of two, and the order of the
/// rows that share both keys is composed once. As secret as the shuffles. Not thread-safe.
/// </summary>
internal sealed unsafe class ComposedOrder : IDisposable
{
    private SecretMemory? _memory;
    private Permutation? _source;
    private Permutation? _target;

    /// <summary>The order: what the target's shuffle takes from the source's shuffled row, d entries, readable to the next multiple of 16.</summary>
    /// <param name="source">The shuffle that the row is in.</param>
    /// <param name="target">The shuffle wanted, of the same dimension.</param>
    public int* Of(Permutation source, Permutation target)
    {
        int padded = (target.Dimension + 15) & ~15;
        if (_memory is null || _memory.Size < padded * sizeof(int))
        {
            _memory?.Dispose();
            _memory = new SecretMemory(padded * sizeof(int));
            _source = null;
        }

        int* order = (int*)_memory.Pointer;
        if (ReferenceEquals(source, _source) && ReferenceEquals(target, _target))
            return order;
        int* inverse = source.Inverse, forward = target.Forward;
        for (int i = 0; i < padded; i++)
            order[i] = inverse[forward[i]];
        _source = source;
        _target = target;
        return order;
    }

    /// <summary>Wipes the order: nothing of the keys is kept longer than their batch.</summary>
    public void Forget()
    {
        if (_source is null)
            return;
        CryptographicOperations.ZeroMemory(_memory!.Bytes);
        _source = null;
        _target = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _memory?.Dispose();
        _memory = null;
        _source = null;
        _target = null;
    }
}
