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
            double e = (stream.Next64() >> 11) * (1.0 / 9007199254740992.0);
            double upper = tables.ZigguratF(strip + 1);
            if (upper + ((tables.ZigguratF(strip) - upper) * e) < PortableMath.Exp(-x * x / 2.0))
                return x;
        }
    }

    /// <summary>u in [-1, 1) from the high 52 bits of a draw.</summary>
    internal static double UniformFromBits(ulong draw) => BitConverter.UInt64BitsToDouble(0x4000000000000000 | (draw >> 12)) - 3.0;

    private static double Tail(ref RandomStream stream, double u)
    {
        double tx = 1.0, ty = 0.0;
        while (-2.0 * ty < tx * tx)
        {
            double a = Open(stream.Next64());
            double b = Open(stream.Next64());
            tx = PortableMath.Log(a) / ZigguratTables.TailStart;
            ty = PortableMath.Log(b);
        }

        return u < 0.0 ? tx - ZigguratTables.TailStart : ZigguratTables.TailStart - tx;
    }

    /// <summary>A value in the open interval (0, 1).</summary>
    private static double Open(ulong value) =>
        BitConverter.UInt64BitsToDouble(0x3ff0000000000000 | (value >> 12)) - (1.0 - (1.0 / 9007199254740992.0));
}
