// powf(x, e) with the bits of glibc's, for the arguments that the noise has: x' in (0, 1), e = 1/d in (0, 1].
namespace GpuCrypt.Kernels.Scheme;

/// <summary>A portable powf: f64 operations in a fixed order, each rounded by itself, so every device gives the same f32.</summary>
internal static class Powf
{
    // log2(1 + r)/r, degree 4, the constant term last; and 2^r on [-1/64, 1/64].
    private const double
        A0 = 0.288457581109214, A1 = -0.36092606229713164, A2 = 0.480898481472577, A3 = -0.7213474675006291, A4 = 1.4426950408774342,
        C0 = 0.05550361559341535, C1 = 0.2402284522445722, C2 = 0.6931471806916203;

    // Adding 1.5·2^47 to a f64 below 2^46 rounds it to a multiple of 1/32 and leaves that multiple in its low bits.
    private const double Shift = 211106232532992.0;

    private const uint IntervalStart = 0x3f330000;

    /// <summary>x raised to e.</summary>
    /// <typeparam name="TTables">Where the tables are.</typeparam>
    /// <param name="tables">The tables.</param>
    /// <param name="x">The base: 0, or a normal f32 in (0, 1).</param>
    /// <param name="e">The exponent, in (0, 1].</param>
    /// <returns>powf(x, e) as glibc 2.28 and later give it, in every bit.</returns>
    public static float Pow<TTables>(ref TTables tables, float x, float e)
        where TTables : struct, ISchemeTables
    {
        if (x == 0f)
            return 0f;

        // x = 2^k · z with z in the interval around 1; z = c·(1 + r) with c from the table.
        uint bits = BitConverter.SingleToUInt32Bits(x);
        uint offset = bits - IntervalStart;
        int index = (int)(offset >> 19) & 15;
        uint exponent = offset & 0xff800000;
        double z = BitConverter.UInt32BitsToSingle(bits - exponent);
        double k = (int)exponent >> 23;

        double r = (z * tables.PowfInverse(index)) - 1.0;
        double y0 = tables.PowfLog2(index) + k;
        double r2 = r * r;
        double high = (A0 * r) + A1;
        double middle = (A2 * r) + A3;
        double r4 = r2 * r2;
        double low = (A4 * r) + y0;
        low = (middle * r2) + low;
        double log2 = (high * r4) + low;

        // 2^(e·log2 x) = 2^(k/32) · 2^t.
        double exponentOfTwo = e * log2;
        double shifted = exponentOfTwo + Shift;
        ulong ki = BitConverter.DoubleToUInt64Bits(shifted);
        double t = exponentOfTwo - (shifted - Shift);
        double scale = BitConverter.UInt64BitsToDouble(tables.PowfExp2((int)(ki & 31)) + (ki << 47));
        double cubic = (C0 * t) + C1;
        double t2 = t * t;
        double linear = (C2 * t) + 1.0;
        return (float)(((cubic * t2) + linear) * scale);
    }
}
