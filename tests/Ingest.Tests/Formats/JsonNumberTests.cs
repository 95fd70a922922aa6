using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GpuCrypt.Ingest.Formats;

namespace GpuCrypt.Ingest.Tests.Formats;

public sealed class JsonNumberTests
{
    [Theory]
    [InlineData("0", 0f)]
    [InlineData("-0", -0f)]
    [InlineData("-0.0e5", -0f)]
    [InlineData("1", 1f)]
    [InlineData("-12.5E-1", -1.25f)]
    [InlineData("1e2", 100f)]
    [InlineData("1E+2", 100f)]
    [InlineData("16777217", 16777216f)]
    [InlineData("16777217.0000001", 16777218f)]
    [InlineData("16777219", 16777220f)]
    [InlineData("0.1", 0.1f)]
    [InlineData("0.10000000149011612", 0.1f)]
    [InlineData("3.4028235e38", float.MaxValue)]
    [InlineData("3.4028235677973365e38", float.MaxValue)]
    [InlineData("3.4028235677973367e38", float.PositiveInfinity)]
    [InlineData("-1e400", float.NegativeInfinity)]
    [InlineData("1e99999999999999999999", float.PositiveInfinity)]
    [InlineData("1e-99999999999999999999", 0f)]
    [InlineData("1e-46", 0f)]
    [InlineData("7.1e-46", float.Epsilon)]
    [InlineData("1.1754943508222875e-38", 1.1754943508222875e-38f)]
    [InlineData("1.17549421069e-38", 1.17549421069e-38f)]
    [InlineData("0.000000000000000000000000000000000000000000000000001e51", 1f)]
    public void Numbers_are_rounded_correctly(string text, float expected)
    {
        Assert.True(JsonNumber.TryRead(Encoding.ASCII.GetBytes(text), out float value));
        Assert.Equal(BitConverter.SingleToUInt32Bits(expected), BitConverter.SingleToUInt32Bits(value));
    }

    [Fact]
    public void Any_float32_is_written_in_at_most_16_bytes_and_reads_back_in_every_bit()
    {
        var random = new Random(7);
        Span<byte> text = stackalloc byte[JsonNumber.MaxSize];
        for (int i = 0; i < 300_000; i++)
        {
            float value = BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue));
            if (!float.IsFinite(value))
                continue;
            int size = JsonNumber.Write(value, text);
            Assert.True(JsonNumber.TryRead(text[..size], out float back));
            Assert.Equal(BitConverter.SingleToUInt32Bits(value), BitConverter.SingleToUInt32Bits(back));
        }
    }

    [Fact]
    public void Numbers_are_written_in_the_library_s_shortest_form()
    {
        var random = new Random(17);
        Span<byte> text = stackalloc byte[JsonNumber.MaxSize];
        float[] special = [0f, -0f, 1f, -1f, 0.1f, 0.0001f, 0.00009999999f, 9999999f, 9999999.5f, 10000000f, 1e6f, 0.3f, 0.00012345678f, 123456.7f, 999999.94f, 0.5f, 1048576.1f];
        for (int i = 0; i < 400_000; i++)
        {
            float value = i < special.Length ? special[i]
                : (i % 3) switch
                {
                    // Every binade that the fast way takes, short decimals, and sums as ciphertexts are.
                    0 => BitConverter.Int32BitsToSingle(random.Next(0x38000000, 0x4b800000)) * (random.Next(2) == 0 ? 1 : -1),
                    1 => MathF.Round((random.NextSingle() - 0.5f) * 20000, random.Next(6)),
                    _ => (random.NextSingle() - 0.5f) * random.Next(1, 100),
                };
            int size = JsonNumber.Write(value, text);
            Assert.Equal(value.ToString(CultureInfo.InvariantCulture), Encoding.ASCII.GetString(text[..size]));
        }
    }

    [Fact]
    public void The_fast_way_agrees_with_the_library_on_numbers_as_people_and_programs_write_them()
    {
        var random = new Random(11);
        for (int i = 0; i < 200_000; i++)
        {
            double number = (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-44, 38));
            string text = number.ToString((i % 4) switch { 0 => "R", 1 => "E5", 2 => "E18", _ => "F12" }, CultureInfo.InvariantCulture);
            Check(text);
        }
    }

    [Fact]
    public void Numbers_half_way_between_two_float32_and_next_to_it_are_rounded_correctly()
    {
        var random = new Random(13);
        for (int i = 0; i < 20_000; i++)
        {
            float low = BitConverter.Int32BitsToSingle(random.Next(0x20000000, 0x5f000000));
            double middle = ((double)low + MathF.BitIncrement(low)) / 2;
            Check(middle.ToString("E25", CultureInfo.InvariantCulture));
            Check(Math.BitIncrement(middle).ToString("E18", CultureInfo.InvariantCulture));
            Check(Math.BitDecrement(middle).ToString("R", CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void Text_that_is_no_number_is_refused() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(),
        bytes =>
        {
            bool read = JsonNumber.TryRead(bytes, out float value);
            bool library = float.TryParse(bytes, NumberStyles.Float, CultureInfo.InvariantCulture, out float expected);
            // The fast way takes what JSON may hold; it never takes what the library would not.
            return read == library && (!read || value.Equals(expected));
        }).QuickCheckThrowOnFailure();

    private static void Check(string text)
    {
        float expected = float.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        Assert.True(JsonNumber.TryRead(Encoding.ASCII.GetBytes(text), out float value), text);
        Assert.True(BitConverter.SingleToUInt32Bits(expected) == BitConverter.SingleToUInt32Bits(value), text);
    }
}
