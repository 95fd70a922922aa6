using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GpuCrypt.Kernels.Scheme;

/// <summary>The tables in the process's own read-only data.</summary>
internal readonly struct HostTables : ISchemeTables
{
    /// <inheritdoc/>
    public double ZigguratX(int index) => At(ZigguratTables.X, index);

    /// <inheritdoc/>
    public double ZigguratF(int index) => At(ZigguratTables.F, index);

    /// <inheritdoc/>
    public double PowfInverse(int index) => At(PowfTables.Inverse, index);

    /// <inheritdoc/>
    public double PowfLog2(int index) => At(PowfTables.Log2, index);

    /// <inheritdoc/>
    public ulong PowfExp2(int index) => At(PowfTables.Exp2, index);

    private static T At<T>(ReadOnlySpan<T> table, int index) => Unsafe.Add(ref MemoryMarshal.GetReference(table), index);
}
