using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace GpuCrypt.Host.Demo;

/// <summary>Reads the one kind of .npy file that the samples are: format 1.0, little-endian float16, two axes, row by row.</summary>
internal static partial class Float16Npy
{
    // Magic number and version 1.0 (numpy.lib.format); two bytes with the header's length follow.
    private static ReadOnlySpan<byte> Preamble => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0];

    /// <summary>Reads a whole array.</summary>
    /// <param name="source">A stream at the first byte of the file; read up to the array's end.</param>
    /// <param name="name">What errors call the file.</param>
    /// <returns>rows × dimension elements, row by row.</returns>
    /// <exception cref="InvalidDataException">Another version, element type, order or number of axes; too few or too many bytes.</exception>
    public static (Half[] Elements, int Rows, int Dimension) Read(Stream source, string name)
    {
        Span<byte> start = stackalloc byte[10];
        if (source.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length || !start[..8].SequenceEqual(Preamble))
        {
            throw new InvalidDataException($"{name}: expected a .npy file of format 1.0, found other first bytes");
        }
        byte[] header = new byte[BinaryPrimitives.ReadUInt16LittleEndian(start[8..])];
        if (source.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length)
        {
            throw new InvalidDataException($"{name}: expected a header of {header.Length} bytes, found the end of the file");
        }
        string text = Encoding.ASCII.GetString(header);
        Match shape = Header().Match(text);
        if (!shape.Success
            || !int.TryParse(shape.Groups["rows"].ValueSpan, CultureInfo.InvariantCulture, out int rows)
            || !int.TryParse(shape.Groups["dimension"].ValueSpan, CultureInfo.InvariantCulture, out int dimension)
            || (long)rows * dimension > Array.MaxLength)
        {
            throw new InvalidDataException($"{name}: expected a header with descr '<f2', fortran_order False and a shape of two axes, found {text.TrimEnd()}");
        }

        var elements = new Half[rows * dimension];
        Span<byte> bytes = MemoryMarshal.AsBytes(elements.AsSpan());
        int read = source.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (read < bytes.Length || source.ReadByte() >= 0)
        {
            throw new InvalidDataException($"{name}: expected {bytes.Length} bytes of elements, found {(read < bytes.Length ? read.ToString(CultureInfo.InvariantCulture) : "more")}");
        }
        return (elements, rows, dimension);
    }

    [GeneratedRegex(@"^\{'descr': '<f2', 'fortran_order': False, 'shape': \((?<rows>\d+), (?<dimension>\d+)\), \} *\n$", RegexOptions.CultureInvariant)]
    private static partial Regex Header();
}
