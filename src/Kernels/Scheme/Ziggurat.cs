// The standard normal by the ziggurat method in f64, 256 strips: WIRE-FORMAT section 5.
namespace GpuCrypt.Kernels.Scheme;

/// <summary>Normal deviates from a random stream.</summary>
internal static class Ziggurat
{
    /// <summary>Draws one standard normal. Consumes two words in 98.5 % of draws, more in the rest.</summary>
    /// <typeparam name="TTables">Where the tables are.</typeparam>
    public static double Next<TTables>(ref RandomStream stream, ref TTables tables)
        where TTables : struct, ISchemeTables
    {
        while (true)
        {
            ulong draw = stream.Next64();
            int strip = (int)(draw & 0xff);
            double u = UniformFromBits(draw);
            double x = u * tables.ZigguratX(strip);
            if (Math.Abs(x) < tables.ZigguratX(strip + 1))
                return x;
            if (strip == 0)
                return Tail(ref stream, u);
            if (AcceptWedge(stream.Next64(), strip, x, ref tables))
                return x;
        }
    }

    /// <summary>u in [-1, 1) from the high 52 bits of a draw.</summary>
    internal static double UniformFromBits(ulong draw) => BitConverter.UInt64BitsToDouble(0x4000000000000000 | (draw >> 12)) - 3.0;

    /// <summary>Whether a point beyond the strip's inner edge lies under the curve; <paramref name="draw"/> gives its height.</summary>
    internal static bool AcceptWedge<TTables>(ulong draw, int strip, double x, ref TTables tables)
        where TTables : struct, ISchemeTables
    {
        double e = (draw >> 11) * (1.0 / 9007199254740992.0);
        double upper = tables.ZigguratF(strip + 1);
        return upper + ((tables.ZigguratF(strip) - upper) * e) < PortableMath.Exp(-x * x / 2.0);
    }

    /// <summary>One attempt at the tail beyond R from two draws.</summary>
    internal static bool TryTail(ulong first, ulong second, double u, out double normal)
    {
        double tx = PortableMath.Log(Open(first)) / ZigguratTables.TailStart;
        double ty = PortableMath.Log(Open(second));
        normal = u < 0.0 ? tx - ZigguratTables.TailStart : ZigguratTables.TailStart - tx;
        return -2.0 * ty >= tx * tx;
    }

    private static double Tail(ref RandomStream stream, double u)
    {
        double normal;
        ulong first, second;
        do
        {
            first = stream.Next64();
            second = stream.Next64();
        }
        while (!TryTail(first, second, u, out normal));

        return normal;
    }

    /// <summary>A value in the open interval (0, 1).</summary>
    private static double Open(ulong value) =>
        BitConverter.UInt64BitsToDouble(0x3ff0000000000000 | (value >> 12)) - (1.0 - (1.0 / 9007199254740992.0));
}
