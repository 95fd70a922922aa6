using System.Runtime.InteropServices;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>
/// The ziggurat's edges in pairs X[i], X[i + 1], so that one 16-byte load brings both: 256 pairs, 4 KiB, kept for the process's life.
/// </summary>
internal static unsafe class ZigguratPairs
{
    /// <summary>Pair i is at elements 2i and 2i + 1.</summary>
    public static double* Table { get; } = Create();

    private static double* Create()
    {
        double* table = (double*)NativeMemory.AlignedAlloc(256 * 2 * sizeof(double), 64);
        for (int i = 0; i < 256; i++)
        {
            table[2 * i] = ZigguratTables.X[i];
            table[(2 * i) + 1] = ZigguratTables.X[i + 1];
        }

        return table;
    }
}
