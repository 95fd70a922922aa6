namespace GpuCrypt.Kernels.Keys;

/// <summary>
/// The keys of one batch: rows name them by index, so that one batch mixes tenants. Holds a reference to each key until it is cleared.
/// Not thread-safe: one thread fills, then devices read.
/// </summary>
public sealed class KeyTable
{
    private readonly Dictionary<VectorKey, int> _indexes = new(ReferenceEqualityComparer.Instance);
    private VectorKey[] _keys = new VectorKey[4];
    private int _last = -1;

    /// <summary>The number of keys.</summary>
    public int Count { get; private set; }

    /// <summary>The key at an index.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such key in the table.</exception>
    public VectorKey this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return _keys[index];
        }
    }

    /// <summary>Adds a key when it is not there yet.</summary>
    /// <returns>Its index.</returns>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public int Add(VectorKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        // Neighbouring records mostly share a key.
        if (_last >= 0 && ReferenceEquals(_keys[_last], key))
            return _last;
        if (!_indexes.TryGetValue(key, out int index))
        {
            key.Acquire();
            index = Count;
            if (index == _keys.Length)
                Array.Resize(ref _keys, index * 2);
            _keys[index] = key;
            _indexes.Add(key, index);
            Count++;
        }

        _last = index;
        return index;
    }

    /// <summary>Removes all keys and gives their references back.</summary>
    public void Clear()
    {
        for (int i = 0; i < Count; i++)
        {
            _keys[i].Release();
            _keys[i] = null!;
        }

        _indexes.Clear();
        Count = 0;
        _last = -1;
    }
}
