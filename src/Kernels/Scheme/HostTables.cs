using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GpuCrypt.Kernels.Scheme;

/// <summary>The tables in the process's own read-only data.</summary>
internal readonly unsafe struct HostTables : ISchemeTables
{
    /// <summary>The ziggurat's strip edges, 257 entries.</summary>
    internal static readonly double* Edges = Address(ZigguratTables.X);

    /// <summary>The normal density at the edges, up to its constant, 257 entries.</summary>
    internal static readonly double* Densities = Address(ZigguratTables.F);

    // The tables lie in the assembly's image, which never moves. Asking for the spans each time would allocate in unoptimised builds.
    private static readonly double* Inverse = Address(PowfTables.Inverse);
    private static readonly double* Log2 = Address(PowfTables.Log2);
    private static readonly ulong* Exp2 = Address(PowfTables.Exp2);

    /// <inheritdoc/>
    public double ZigguratX(int index) => Edges[index];

    /// <inheritdoc/>
    public double ZigguratF(int index) => Densities[index];

    /// <inheritdoc/>
    public double PowfInverse(int index) => Inverse[index];

    /// <inheritdoc/>
    public double PowfLog2(int index) => Log2[index];

    /// <inheritdoc/>
    public ulong PowfExp2(int index) => Exp2[index];

    private static T* Address<T>(ReadOnlySpan<T> table)
        where T : unmanaged => (T*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(table));
}
