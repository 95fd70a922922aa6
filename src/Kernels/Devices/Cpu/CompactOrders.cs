using System.Runtime.InteropServices;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>For each of the 256 choices among eight elements the order that puts the chosen ones first: 2 KiB, kept for the process's life.</summary>
internal static unsafe class CompactOrders
{
    /// <summary>Choice c is at bytes 8c to 8c + 7: the positions of its set bits, lowest first, then zeros.</summary>
    public static byte* Table { get; } = Create();

    private static byte* Create()
    {
        byte* table = (byte*)NativeMemory.AllocZeroed(256 * 8);
        for (int choice = 0; choice < 256; choice++)
        {
            int next = 8 * choice;
            for (int bit = 0; bit < 8; bit++)
            {
                if ((choice >> bit & 1) != 0)
                    table[next++] = (byte)bit;
            }
        }

        return table;
    }
}
