using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Keys;

/// <summary>
/// The shuffle of one key at one dimension, both ways, in memory that is wiped. It is as secret as the key: with it an attacker undoes
/// the shuffle.
/// </summary>
internal sealed unsafe class Permutation : IDisposable
{
    private readonly SecretMemory _memory;

    /// <summary>Computes the permutation of <paramref name="key"/> at <paramref name="dimension"/>.</summary>
    public Permutation(ref KeyMaterial key, int dimension)
    {
        Dimension = dimension;
        // Padded to whole vectors of 16 so that a vector of indexes may be read anywhere; the padding points at element 0.
        int padded = (dimension + 15) & ~15;
        _memory = new SecretMemory(padded * 2 * sizeof(int));
        Forward = (int*)_memory.Pointer;
        Inverse = Forward + padded;
        HasTie = Shuffle.Compute(ref key, new Span<int>(Forward, dimension));
        for (int i = 0; i < dimension; i++)
            Inverse[Forward[i]] = i;
    }

    /// <summary>The dimension d.</summary>
    public int Dimension { get; }

    /// <summary>True when two sort keys tie (see <see cref="Shuffle"/>).</summary>
    public bool HasTie { get; }

    /// <summary>perm: shuffled[j] = plain[perm[j]]; d entries, readable to the next multiple of 16.</summary>
    public int* Forward { get; }

    /// <summary>The inverse: plain[i] = shuffled[inverse[i]].</summary>
    public int* Inverse { get; }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();
}
