using System.Buffers.Binary;
using System.Buffers.Text;

namespace GpuCrypt.Ingest.Formats;

/// <summary>
/// What the header of a .npy array says (NumPy's NEP 1, versions 1.0, 2.0 and 3.0): for one vector or a table of vectors. 1-D arrays are
/// one row.
/// </summary>
internal readonly record struct NpyHeader
{
    /// <summary>The most bytes a header that is read may have.</summary>
    public const int MaxSize = 65536;

    /// <summary>The bytes that <see cref="Write"/> writes at most.</summary>
    public const int MaxWrittenSize = 192;

    /// <summary>Magic, version and the shortest length field.</summary>
    private const int PreambleSize = 10;

    private const int Alignment = 64;

    /// <summary>NumPy leaves room for the first dimension to grow to this many digits in place.</summary>
    private const int GrowthDigits = 21;

    /// <summary>The type of the elements.</summary>
    public FloatType Type { get; init; }

    /// <summary>Whether their bytes are in big-endian order.</summary>
    public bool BigEndian { get; init; }

    /// <summary>Whether the table is stored column by column; false for a single vector, where it makes no difference.</summary>
    public bool FortranOrder { get; init; }

    /// <summary>Whether the array has one dimension.</summary>
    public bool OneDimensional { get; init; }

    /// <summary>The number of vectors, 0 or more.</summary>
    public long Rows { get; init; }

    /// <summary>The dimension of each, 0 or more.</summary>
    public int Dimension { get; init; }

    /// <summary>Where the elements start.</summary>
    public int Size { get; init; }

    /// <summary>The bytes that one vector takes.</summary>
    public long RowSize => (long)Dimension * FloatConversion.Size(Type);

    /// <summary>The bytes that the elements take.</summary>
    public long DataSize => Rows * RowSize;

    /// <summary>The size of the header whose first bytes are given.</summary>
    /// <param name="start">The first bytes of an array.</param>
    /// <param name="size">The header's size; 0 when more bytes are needed to know.</param>
    /// <param name="rejection">What is wrong.</param>
    /// <returns>False when this is no .npy array.</returns>
    public static bool TryGetSize(ReadOnlySpan<byte> start, out int size, out Rejection rejection)
    {
        size = 0;
        rejection = default;
        int compared = Math.Min(start.Length, 6);
        if (compared > 0 && start[0] != 0x93)
            return Fail("the array does not start with \\x93NUMPY", 0, out rejection);
        if (compared > 1 && !start[1..compared].SequenceEqual("NUMPY"u8[..(compared - 1)]))
            return Fail("the array does not start with \\x93NUMPY", 1, out rejection);
        if (start.Length < PreambleSize)
            return true;
        if (start[6] is < 1 or > 3 || start[7] != 0)
            return Fail("the .npy version is none of 1.0, 2.0 and 3.0", 6, out rejection);
        if (start[6] == 1)
        {
            size = PreambleSize + BinaryPrimitives.ReadUInt16LittleEndian(start[8..]);
        }
        else if (start.Length >= PreambleSize + 2)
        {
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
            if (length > MaxSize - PreambleSize - 2)
            {
                rejection = new Rejection(RejectReason.BadNpy, "the .npy header is longer than any reader needs") { Expected = MaxSize, Found = length };
                return false;
            }

            size = PreambleSize + 2 + (int)length;
        }

        return true;
    }

    /// <summary>Reads the header of an array.</summary>
    /// <param name="array">The array's bytes, at least to the end of the header.</param>
    /// <param name="header">What it says.</param>
    /// <param name="rejection">What is wrong.</param>
    public static bool TryRead(ReadOnlySpan<byte> array, out NpyHeader header, out Rejection rejection)
    {
        header = default;
        if (!TryGetSize(array, out int size, out rejection))
            return false;
        if (size == 0 || array.Length < size)
        {
            rejection = new Rejection(RejectReason.BadNpy, "the array ends inside its .npy header (bytes)") { Expected = Math.Max(size, PreambleSize), Found = array.Length };
            return false;
        }

        int start = array[6] == 1 ? PreambleSize : PreambleSize + 2;
        var parser = new NpyHeaderParser(array[start..size], start);
        return parser.TryParse(size, out header, out rejection);
    }

    /// <summary>Writes the header of the little-endian float32 array of this shape, as NumPy pads it.</summary>
    /// <param name="destination">At least <see cref="MaxWrittenSize"/> bytes, or exactly <see cref="WrittenSize"/>.</param>
    /// <returns>The number of bytes written.</returns>
    public int Write(Span<byte> destination)
    {
        Span<byte> text = stackalloc byte[MaxWrittenSize];
        int length = WriteText(text);
        int size = RoundUp(PreambleSize + length + 1);
        destination[0] = 0x93;
        "NUMPY"u8.CopyTo(destination[1..]);
        destination[6] = 1;
        destination[7] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[8..], (ushort)(size - PreambleSize));
        text[..length].CopyTo(destination[PreambleSize..]);
        destination[(PreambleSize + length)..(size - 1)].Fill((byte)' ');
        destination[size - 1] = (byte)'\n';
        return size;
    }

    /// <summary>The number of bytes that <see cref="Write"/> writes.</summary>
    public int WrittenSize()
    {
        Span<byte> text = stackalloc byte[MaxWrittenSize];
        return RoundUp(PreambleSize + WriteText(text) + 1);
    }

    private static int RoundUp(int size) => (size + Alignment - 1) / Alignment * Alignment;

    private static bool Fail(string what, int offset, out Rejection rejection)
    {
        rejection = new Rejection(RejectReason.BadNpy, what) { Offset = offset };
        return false;
    }

    private static void Append(Span<byte> text, ref int at, ReadOnlySpan<byte> piece)
    {
        piece.CopyTo(text[at..]);
        at += piece.Length;
    }

    private static int Append(Span<byte> text, ref int at, long number)
    {
        Utf8Formatter.TryFormat(number, text[at..], out int written);
        at += written;
        return written;
    }

    private int WriteText(Span<byte> text)
    {
        int at = 0;
        Append(text, ref at, "{'descr': '<f4', 'fortran_order': False, 'shape': ("u8);
        int digits = Append(text, ref at, OneDimensional ? Dimension : Rows);
        if (OneDimensional)
        {
            Append(text, ref at, ",), }"u8);
        }
        else
        {
            Append(text, ref at, ", "u8);
            Append(text, ref at, Dimension);
            Append(text, ref at, "), }"u8);
        }

        int growth = GrowthDigits - digits;
        text.Slice(at, growth).Fill((byte)' ');
        return at + growth;
    }
}
