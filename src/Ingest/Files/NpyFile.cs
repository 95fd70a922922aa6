using GpuCrypt.Ingest.Formats;

namespace GpuCrypt.Ingest.Files;

/// <summary>The header of a .npy file. Stateless.</summary>
internal static class NpyFile
{
    /// <summary>The longest vector that is taken from a file: its batches stay below 2^31 elements.</summary>
    private const int MaxDimension = 1 << 28;

    /// <summary>Reads the header and checks the size of the file against it.</summary>
    /// <exception cref="VectorFileException">This is no array of vectors, or not all of one.</exception>
    public static NpyHeader ReadHeader(string file)
    {
        using FileStream stream = InputFile.Open(file);
        byte[] start = new byte[(int)Math.Min(stream.Length, NpyHeader.MaxSize)];
        stream.ReadExactly(start);
        if (!NpyHeader.TryRead(start, out NpyHeader header, out Rejection rejection))
            throw new VectorFileException($"{file}: {rejection.Detail()}.");
        if (header.DataSize > long.MaxValue - header.Size || stream.Length != header.Size + header.DataSize)
        {
            string shape = header.OneDimensional ? $"({header.Dimension:D},)" : $"({header.Rows:D}, {header.Dimension:D})";
            throw new VectorFileException(
                $"{file}: the data after the {header.Size:D} bytes of header has the wrong size for shape {shape}, expected {header.DataSize:D} bytes, found {stream.Length - header.Size:D}.");
        }

        if (header.Dimension > MaxDimension)
            throw new VectorFileException($"{file}: expected vectors of at most {MaxDimension:D} elements, found {header.Dimension:D}.");
        return header;
    }
}
