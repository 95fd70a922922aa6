// exp and ln in f64 from +, -, *, / alone, so that every device gives the same bits. Good to 1 ulp over the ranges the ziggurat asks for
// (WIRE-FORMAT section 5 asks no more); a test compares them with correctly rounded values.
namespace GpuCrypt.Kernels.Scheme;

/// <summary>Portable f64 exponential and logarithm.</summary>
internal static class PortableMath
{
    // ln 2 in two parts: the high one has 32 trailing zero bits, so k·High is exact for |k| < 2^20.
    private const double Ln2High = 0.693147180369123816490, Ln2Low = 1.90821492927058770002e-10;
    private const double OneOverLn2 = 1.4426950408889634074;
    private const double SquareRootOfTwo = 1.4142135623730951;

    /// <summary>e^x for x in [-708, 0].</summary>
    public static double Exp(double x)
    {
        // x = k·ln 2 + r, |r| ≤ ln 2 / 2; Taylor's series to r^13: the next term is below 2^-57.
        int k = (int)((x * OneOverLn2) - 0.5);
        double r = x - (k * Ln2High) - (k * Ln2Low);
        double p = 1.0 / 6227020800.0;
        p = (p * r) + (1.0 / 479001600.0);
        p = (p * r) + (1.0 / 39916800.0);
        p = (p * r) + (1.0 / 3628800.0);
        p = (p * r) + (1.0 / 362880.0);
        p = (p * r) + (1.0 / 40320.0);
        p = (p * r) + (1.0 / 5040.0);
        p = (p * r) + (1.0 / 720.0);
        p = (p * r) + (1.0 / 120.0);
        p = (p * r) + (1.0 / 24.0);
        p = (p * r) + (1.0 / 6.0);
        p = (p * r) + 0.5;
        p = (p * r * r) + r + 1.0;
        return p * BitConverter.Int64BitsToDouble((long)(1023 + k) << 52);
    }

    /// <summary>The natural logarithm of x for normal x in (0, 1].</summary>
    public static double Log(double x)
    {
        // x = 2^k·m, m in [√½, √2); ln m = 2 atanh(s), s = (m−1)/(m+1), |s| ≤ 0.1716.
        long bits = BitConverter.DoubleToInt64Bits(x);
        int k = (int)(bits >> 52) - 1023;
        double m = BitConverter.Int64BitsToDouble((bits & 0xfffffffffffff) | 0x3ff0000000000000);
        if (m > SquareRootOfTwo)
        {
            m *= 0.5;
            k++;
        }

        double f = m - 1.0;
        double s = f / (2.0 + f);
        double z = s * s;
        double p = 2.0 / 23.0;
        p = (p * z) + (2.0 / 21.0);
        p = (p * z) + (2.0 / 19.0);
        p = (p * z) + (2.0 / 17.0);
        p = (p * z) + (2.0 / 15.0);
        p = (p * z) + (2.0 / 13.0);
        p = (p * z) + (2.0 / 11.0);
        p = (p * z) + (2.0 / 9.0);
        p = (p * z) + (2.0 / 7.0);
        p = (p * z) + (2.0 / 5.0);
        p = (p * z) + (2.0 / 3.0);
        p *= z;

        // ln(1+f) = f − (f²/2 − s·(f²/2 + p)): the large term f is exact, the rest is small.
        double half = 0.5 * f * f;
        return (k * Ln2High) - (half - ((s * (half + p)) + (k * Ln2Low)) - f);
    }
}
