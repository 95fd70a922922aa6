using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace GpuCrypt.Host.Telemetry;

/// <summary>
/// HdrHistogram's V2 encoding: a 40-byte big-endian header, then the counts up to the largest value as ZigZag LEB128 integers of at most 9 bytes, a
/// negative one standing for that many zeros; and its compressed form, the same in a zlib stream behind a header of 8 bytes.
/// Clamped counts are no part of it.
/// </summary>
public static class HdrEncoding
{
    // The low byte of a V2 cookie carries the word size in its high nibble; V2 writers put 1 there, readers ignore it.
    private const int WordSizeMask = 0xf0;
    private const int Cookie = 0x1c849303;
    private const int CompressedCookie = 0x1c849304;
    private const int WordSizeOfWriters = 0x10;
    private const int HeaderLength = 40;
    private const int CompressedHeaderLength = 8;
    private const int MaxCountLength = 9;

    /// <summary>Writes the V2 encoding of a histogram.</summary>
    /// <param name="histogram">The histogram.</param>
    /// <param name="output">Takes the bytes.</param>
    public static void Encode(HdrHistogram histogram, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(histogram);
        ArgumentNullException.ThrowIfNull(output);
        ReadOnlySpan<long> counts = histogram.Counts;
        // Without recordings the first count is still written: readers expect at least one.
        counts = counts[..(Math.Max(counts.LastIndexOfAnyExcept(0L), 0) + 1)];

        byte[] payload = ArrayPool<byte>.Shared.Rent(counts.Length * MaxCountLength);
        try
        {
            int length = EncodeCounts(counts, payload);
            Span<byte> header = output.GetSpan(HeaderLength);
            BinaryPrimitives.WriteInt32BigEndian(header, Cookie | WordSizeOfWriters);
            BinaryPrimitives.WriteInt32BigEndian(header[4..], length);
            BinaryPrimitives.WriteInt32BigEndian(header[8..], 0); // normalizing index offset
            BinaryPrimitives.WriteInt32BigEndian(header[12..], histogram.Layout.SignificantDigits);
            BinaryPrimitives.WriteInt64BigEndian(header[16..], histogram.Layout.LowestDiscernible);
            BinaryPrimitives.WriteInt64BigEndian(header[24..], histogram.Layout.HighestTrackable);
            BinaryPrimitives.WriteDoubleBigEndian(header[32..], 1.0); // integer-to-double conversion ratio
            output.Advance(HeaderLength);
            output.Write(payload.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(payload);
        }
    }

    /// <summary>Gives the compressed V2 encoding of a histogram, the form that interval logs carry as base64.</summary>
    /// <param name="histogram">The histogram.</param>
    public static byte[] EncodeCompressed(HdrHistogram histogram)
    {
        var plain = new ArrayBufferWriter<byte>();
        Encode(histogram, plain);

        using var stream = new MemoryStream();
        stream.Write(stackalloc byte[CompressedHeaderLength]);
        using (var zlib = new ZLibStream(stream, CompressionLevel.Optimal, leaveOpen: true))
            zlib.Write(plain.WrittenSpan);

        byte[] encoded = stream.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(encoded, CompressedCookie | WordSizeOfWriters);
        BinaryPrimitives.WriteInt32BigEndian(encoded.AsSpan(4), encoded.Length - CompressedHeaderLength);
        return encoded;
    }

    /// <summary>Reads a V2 encoding.</summary>
    /// <param name="encoded">The bytes; any behind the encoding's end are ignored.</param>
    /// <exception cref="InvalidDataException">The bytes are not a V2 encoding of an integer histogram of 1 to 5 digits, or end early.</exception>
    public static HdrHistogram Decode(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length < HeaderLength)
            throw new InvalidDataException($"HDR histogram: expected a header of {HeaderLength} bytes, found {encoded.Length} bytes.");

        (HdrLayout layout, int length) = DecodeHeader(encoded);
        if (length > encoded.Length - HeaderLength)
            throw new InvalidDataException($"HDR histogram: expected {length} bytes of counts, found {encoded.Length - HeaderLength}.");

        var histogram = new HdrHistogram(layout);
        DecodeCounts(encoded.Slice(HeaderLength, length), histogram);
        return histogram;
    }

    /// <summary>Reads a compressed V2 encoding.</summary>
    /// <param name="encoded">The bytes; any behind the encoding's end are ignored.</param>
    /// <exception cref="InvalidDataException">The bytes are not a compressed V2 encoding of an integer histogram of 1 to 5 digits, or end early.</exception>
    public static HdrHistogram DecodeCompressed(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length < CompressedHeaderLength)
            throw new InvalidDataException($"HDR histogram: expected a header of {CompressedHeaderLength} bytes, found {encoded.Length} bytes.");

        RequireCookie(encoded, CompressedCookie, "compressed V2");
        int length = BinaryPrimitives.ReadInt32BigEndian(encoded[4..]);
        if (length < 0 || length > encoded.Length - CompressedHeaderLength)
            throw new InvalidDataException($"HDR histogram: expected {length} compressed bytes, found {encoded.Length - CompressedHeaderLength}.");

        using var zlib = new ZLibStream(new MemoryStream(encoded.Slice(CompressedHeaderLength, length).ToArray()), CompressionMode.Decompress);
        Span<byte> header = stackalloc byte[HeaderLength];
        ReadAll(zlib, header);
        // The header bounds what is inflated: a small input cannot ask for more memory than its layout's counts take.
        (HdrLayout layout, int countsLength) = DecodeHeader(header);
        byte[] counts = new byte[countsLength];
        ReadAll(zlib, counts);

        var histogram = new HdrHistogram(layout);
        DecodeCounts(counts, histogram);
        return histogram;
    }

    private static void ReadAll(ZLibStream stream, Span<byte> buffer)
    {
        int read = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        if (read < buffer.Length)
            throw new InvalidDataException($"HDR histogram: the compressed data ends early; expected {buffer.Length} bytes, found {read}.");
    }

    private static (HdrLayout Layout, int PayloadLength) DecodeHeader(ReadOnlySpan<byte> header)
    {
        RequireCookie(header, Cookie, "V2");
        int length = BinaryPrimitives.ReadInt32BigEndian(header[4..]);
        int offset = BinaryPrimitives.ReadInt32BigEndian(header[8..]);
        int digits = BinaryPrimitives.ReadInt32BigEndian(header[12..]);
        long lowest = BinaryPrimitives.ReadInt64BigEndian(header[16..]);
        long highest = BinaryPrimitives.ReadInt64BigEndian(header[24..]);
        if (offset != 0)
            throw new InvalidDataException($"HDR histogram: expected a normalizing index offset of 0, found {offset}; shifted histograms are not supported.");

        HdrLayout layout;
        try
        {
            layout = new HdrLayout(lowest, highest, digits);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new InvalidDataException($"HDR histogram: no layout has lowest value {lowest}, highest {highest} and {digits} digits.", e);
        }

        if (length < 0 || length > (long)layout.CountsLength * MaxCountLength)
            throw new InvalidDataException($"HDR histogram: expected at most {layout.CountsLength} counts, found a payload of {length} bytes.");

        return (layout, length);
    }

    private static void RequireCookie(ReadOnlySpan<byte> encoded, int expected, string name)
    {
        int cookie = BinaryPrimitives.ReadInt32BigEndian(encoded);
        if ((cookie & ~WordSizeMask) != expected)
            throw new InvalidDataException($"HDR histogram: expected the {name} cookie {expected | WordSizeOfWriters:x8}, found {cookie:x8}.");
    }

    private static int EncodeCounts(ReadOnlySpan<long> counts, Span<byte> output)
    {
        int written = 0;
        for (int i = 0; i < counts.Length;)
        {
            long number = counts[i++];
            if (number == 0)
            {
                int zeros = 1;
                for (; i < counts.Length && counts[i] == 0; i++)
                    zeros++;

                // A lone zero is written as a count.
                number = zeros == 1 ? 0 : -zeros;
            }

            written += WriteZigZagLeb128(number, output[written..]);
        }

        return written;
    }

    private static void DecodeCounts(ReadOnlySpan<byte> payload, HdrHistogram histogram)
    {
        int length = histogram.Counts.Length;
        long index = 0;
        while (!payload.IsEmpty)
        {
            long number = ReadZigZagLeb128(ref payload);
            long advance = number < 0 ? -number : 1;
            if (advance < 0 || advance > length - index)
                throw new InvalidDataException($"HDR histogram: expected at most {length} counts, found more.");

            if (number > 0)
                histogram.SetCount((int)index, number);

            index += advance;
        }
    }

    private static int WriteZigZagLeb128(long number, Span<byte> output)
    {
        ulong rest = (ulong)((number << 1) ^ (number >> 63));
        int i = 0;
        for (; i < MaxCountLength - 1 && rest >= 0x80; i++)
        {
            output[i] = (byte)(rest | 0x80);
            rest >>= 7;
        }

        // After eight groups of seven bits the ninth byte takes all eight that remain.
        output[i] = (byte)rest;
        return i + 1;
    }

    private static long ReadZigZagLeb128(ref ReadOnlySpan<byte> input)
    {
        ulong number = 0;
        for (int i = 0; i < MaxCountLength; i++)
        {
            if (i >= input.Length)
                throw new InvalidDataException("HDR histogram: the counts end within a number.");

            byte b = input[i];
            bool last = i == MaxCountLength - 1 || b < 0x80;
            number |= (ulong)(i == MaxCountLength - 1 ? b : b & 0x7f) << (7 * i);
            if (last)
            {
                input = input[(i + 1)..];
                break;
            }
        }

        return (long)(number >> 1) ^ -(long)(number & 1);
    }
}
