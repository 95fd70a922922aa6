namespace GpuCrypt.Ingest.Formats;

/// <summary>
/// The shortest decimal text of the float32 numbers that embeddings are made of, 1e-4 to 1e7, several times as fast as the library. The
/// text is the library's. Stateless.
/// </summary>
internal static class ShortestFloat
{
    // With 6 digits two decimals lie further apart than a float32 and its neighbour, so that fewer digits show as zeros at the end; 9 always do.
    private const int FewestDigits = 6;
    private const int MostDigits = 9;
    private const int SmallestScale = -3;
    private const int LargestScale = 7;

    private static readonly double[] Powers = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12];

    // 10^scale for scale from -3.
    private static readonly double[] Bounds = [1e-3, 1e-2, 1e-1, 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7];

    /// <summary>Writes a number.</summary>
    /// <param name="value">The number.</param>
    /// <param name="destination">At least 16 bytes.</param>
    /// <returns>The number of bytes written; 0 where the number is the library's to write.</returns>
    public static int Write(float value, Span<byte> destination)
    {
        double magnitude = Math.Abs((double)value);
        if (!(magnitude is >= 1e-4 and < 1e7))
            return 0;
        int scale = SmallestScale;
        while (magnitude >= Bounds[scale - SmallestScale])
            scale++;
        for (int digits = FewestDigits; digits <= MostDigits; digits++)
        {
            int decimals = digits - scale;
            uint number = (uint)Math.Round(decimals >= 0 ? magnitude * Powers[decimals] : magnitude / Powers[-decimals]);
            double back = decimals >= 0 ? number / Powers[decimals] : number * Powers[-decimals];
            // The quotient is rounded once; only next to the middle of two float32 could that matter.
            const uint Tail = (1u << 29) - 1, Middle = 1u << 28;
            uint tail = (uint)BitConverter.DoubleToUInt64Bits(back) & Tail;
            if (tail - (Middle - 1) <= 2)
                return 0;
            if ((float)back == (float)magnitude)
                return Write(value < 0, number, decimals, destination);
        }

        return 0;
    }

    private static int Write(bool negative, uint number, int decimals, Span<byte> destination)
    {
        int at = 0;
        if (negative)
            destination[at++] = (byte)'-';
        for (; decimals < 0; decimals++)
            number *= 10;
        while (decimals > 0 && number % 10 == 0)
        {
            number /= 10;
            decimals--;
        }

        int length = Math.Max(Length(number), decimals + 1);
        int size = length + (decimals > 0 ? 1 : 0);
        for (int i = size - 1; i >= 0; i--)
        {
            if (decimals > 0 && i == size - 1 - decimals)
            {
                destination[at + i] = (byte)'.';
                continue;
            }

            uint rest = number / 10;
            destination[at + i] = (byte)('0' + (number - (rest * 10)));
            number = rest;
        }

        return at + size;
    }

    private static int Length(uint number)
    {
        int length = 1;
        for (; number >= 10; number /= 10)
            length++;
        return length;
    }
}
