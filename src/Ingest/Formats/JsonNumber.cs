using System.Globalization;

namespace GpuCrypt.Ingest.Formats;

/// <summary>JSON numbers to and from float32. Stateless.</summary>
internal static class JsonNumber
{
    /// <summary>The longest text that <see cref="Write"/> writes, such as <c>-1.17549435E-38</c>.</summary>
    public const int MaxSize = 16;

    private const int MaxDigits = 19;

    // 10^22 is the largest power of ten that a float64 holds exactly.
    private static readonly double[] PowersOfTen =
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    /// <summary>Reads a number, rounded correctly (to nearest, ties to even).</summary>
    /// <param name="text">The text of a JSON number.</param>
    /// <param name="value">Its value; infinite when it is outside the range of float32.</param>
    /// <returns>False when the text is no number.</returns>
    public static bool TryRead(ReadOnlySpan<byte> text, out float value) =>
        TryReadFast(text, out value) || float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    /// <summary>Writes the shortest text that reads back as the same float32.</summary>
    /// <returns>The number of bytes written, at most <see cref="MaxSize"/>.</returns>
    public static int Write(float value, Span<byte> destination)
    {
        int written = ShortestFloat.Write(value, destination);
        if (written == 0)
            value.TryFormat(destination, out written, default, CultureInfo.InvariantCulture);
        return written;
    }

    // The digits as an integer, times or over a power of ten, in float64: three roundings, each of at most half a unit in the last place.
    // Rounding that to float32 is rounding the exact value, unless it lies so near the middle of two float32 that the error may cross it.
    private static bool TryReadFast(ReadOnlySpan<byte> text, out float value)
    {
        value = 0f;
        int at = 0;
        bool negative = text.Length > 0 && text[0] == (byte)'-';
        if (negative)
            at = 1;
        ulong digits = 0;
        int significant = 0, exponent = 0, first = at;
        bool point = false;
        for (; at < text.Length; at++)
        {
            uint digit = (uint)(text[at] - '0');
            if (digit <= 9)
            {
                if (significant > 0 || digit != 0)
                {
                    if (++significant > MaxDigits)
                        return false;
                }

                digits = (digits * 10) + digit;
                if (point)
                    exponent--;
            }
            else if (text[at] == (byte)'.' && !point)
            {
                point = true;
            }
            else
            {
                break;
            }
        }

        if (at == first)
            return false;
        if (at < text.Length)
        {
            if ((text[at] | 0x20) != 'e' || !TryReadExponent(text[(at + 1)..], ref exponent))
                return false;
        }

        if (digits == 0)
        {
            value = negative ? -0f : 0f;
            return true;
        }

        int power = Math.Abs(exponent);
        if (power >= PowersOfTen.Length)
            return false;
        double scaled = exponent < 0 ? digits / PowersOfTen[power] : digits * PowersOfTen[power];
        const uint Tail = (1u << 29) - 1, Middle = 1u << 28, Margin = 16;
        uint tail = (uint)BitConverter.DoubleToUInt64Bits(scaled) & Tail;
        // Below 2^-126 a float32 has fewer bits; above 3.4e38 it may round to infinity.
        if (scaled is < 1.1754943508222875e-38 or > 3.4e38 || tail - (Middle - Margin) <= 2 * Margin)
            return false;
        value = (float)(negative ? -scaled : scaled);
        return true;
    }

    private static bool TryReadExponent(ReadOnlySpan<byte> text, ref int exponent)
    {
        bool negative = text.Length > 0 && text[0] == (byte)'-';
        int at = negative || (text.Length > 0 && text[0] == (byte)'+') ? 1 : 0;
        if (at == text.Length || text.Length - at > 4)
            return false;
        int number = 0;
        for (; at < text.Length; at++)
        {
            uint digit = (uint)(text[at] - '0');
            if (digit > 9)
                return false;
            number = (number * 10) + (int)digit;
        }

        exponent += negative ? -number : number;
        return true;
    }
}
