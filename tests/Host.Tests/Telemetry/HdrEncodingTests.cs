using System.Buffers;
using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using GpuCrypt.Host.Telemetry;

namespace GpuCrypt.Host.Tests.Telemetry;

public sealed class HdrEncodingTests
{
    public static TheoryData<string, string> JavaEncodings => new()
    {
        { "empty", HdrFixtures.EmptyEncoded },
        { "wide", HdrFixtures.WideEncoded },
        { "unit of a thousand", HdrFixtures.UnitOfAThousandEncoded },
        { "big", HdrFixtures.BigEncoded },
    };

    [Theory]
    [MemberData(nameof(JavaEncodings))]
    public void An_encoding_has_the_bytes_that_the_Java_implementation_writes(string name, string expected) =>
        Assert.Equal(expected, Convert.ToBase64String(Encode(Named(name))));

    [Theory]
    [MemberData(nameof(JavaEncodings))]
    public void A_Java_encoding_decodes_to_the_same_recordings(string name, string encoded) =>
        AssertSame(Named(name), HdrEncoding.Decode(Convert.FromBase64String(encoded)));

    [Fact]
    public void Decoding_undoes_encoding_plain_and_compressed()
    {
        var cases =
            from layout in HdrGenerators.Layouts()
            from recordings in Gen.Zip(HdrGenerators.Values(layout.HighestTrackable), HdrGenerators.Values(1L << 50)).ListOf()
            select (layout, recordings);

        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var histogram = new HdrHistogram(c.layout);
            foreach ((long value, long count) in c.recordings)
                histogram.Record(value, count);

            AssertSame(histogram, HdrEncoding.Decode(Encode(histogram)));
            AssertSame(histogram, HdrEncoding.DecodeCompressed(HdrEncoding.EncodeCompressed(histogram)));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(1L << 55)]
    [InlineData(1L << 62)]
    [InlineData(long.MaxValue)]
    public void Counts_that_need_the_ninth_byte_come_back(long count)
    {
        var histogram = new HdrHistogram(new HdrLayout(1, 1000, 2));
        histogram.Record(7, count);

        AssertSame(histogram, HdrEncoding.Decode(Encode(histogram)));
    }

    [Fact]
    public void Every_truncation_is_refused_as_invalid_data()
    {
        byte[] plain = Encode(HdrFixtures.Wide());
        byte[] compressed = HdrEncoding.EncodeCompressed(HdrFixtures.Wide());

        for (int length = 0; length < plain.Length; length++)
            Assert.Throws<InvalidDataException>(() => HdrEncoding.Decode(plain.AsSpan(0, length)));

        for (int length = 0; length < compressed.Length; length++)
            Assert.Throws<InvalidDataException>(() => HdrEncoding.DecodeCompressed(compressed.AsSpan(0, length)));
    }

    [Fact]
    public void Any_change_of_a_byte_gives_a_histogram_or_invalid_data_and_nothing_else()
    {
        byte[] plain = Encode(HdrFixtures.UnitOfAThousand());
        byte[] compressed = HdrEncoding.EncodeCompressed(HdrFixtures.UnitOfAThousand());
        var cases = Gen.Choose(0, Math.Min(plain.Length, compressed.Length) - 1).Zip(Gen.Choose(1, 255));

        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            (int at, int flip) = c;
            AssertDecodesOrRefuses(() => HdrEncoding.Decode(Changed(plain, at, flip)));
            AssertDecodesOrRefuses(() => HdrEncoding.DecodeCompressed(Changed(compressed, at, flip)));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(0, 0x1c849301, "cookie")] // V0
    [InlineData(0, 0x0c72124e, "cookie")] // a histogram of doubles
    [InlineData(8, 5, "normalizing")]
    [InlineData(12, 9, "9 digits")]
    [InlineData(12, 0, "0 digits")]
    [InlineData(4, -1, "-1 bytes")]
    [InlineData(4, int.MaxValue, "2147483647 bytes")]
    public void A_header_that_is_not_supported_is_refused_by_what_it_holds(int at, int value, string named)
    {
        byte[] encoded = Encode(HdrFixtures.Wide());
        BinaryPrimitives.WriteInt32BigEndian(encoded.AsSpan(at), value);

        var error = Assert.Throws<InvalidDataException>(() => HdrEncoding.Decode(encoded));

        Assert.Contains(named, error.Message);
    }

    [Fact]
    public void More_counts_than_the_layout_has_are_refused()
    {
        byte[] encoded = Encode(HdrFixtures.Wide());
        // The highest value made small: the same counts no longer fit.
        BinaryPrimitives.WriteInt64BigEndian(encoded.AsSpan(24), 5000);

        Assert.Contains("found more", Assert.Throws<InvalidDataException>(() => HdrEncoding.Decode(encoded)).Message);
    }

    private static HdrHistogram Named(string name) => name switch
    {
        "empty" => new HdrHistogram(new HdrLayout(1, 3_600_000_000_000, 3)),
        "wide" => HdrFixtures.Wide(),
        "unit of a thousand" => HdrFixtures.UnitOfAThousand(),
        "big" => HdrFixtures.Big(),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };

    private static byte[] Encode(HdrHistogram histogram)
    {
        var buffer = new ArrayBufferWriter<byte>();
        HdrEncoding.Encode(histogram, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Changed(byte[] bytes, int at, int flip)
    {
        byte[] changed = (byte[])bytes.Clone();
        changed[at] ^= (byte)flip;
        return changed;
    }

    private static void AssertDecodesOrRefuses(Func<HdrHistogram> decode)
    {
        try
        {
            Assert.NotNull(decode());
        }
        catch (InvalidDataException)
        {
            // Refused in the documented way.
        }
    }

    private static void AssertSame(HdrHistogram expected, HdrHistogram actual)
    {
        Assert.Equal(expected.Layout, actual.Layout);
        Assert.Equal(expected.TotalCount, actual.TotalCount);
        Assert.Equal(expected.Buckets(), actual.Buckets());
    }
}
