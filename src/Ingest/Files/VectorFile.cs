using GpuCrypt.Ingest.Formats;

namespace GpuCrypt.Ingest.Files;

/// <summary>Opens files of vectors by the ends of their names. Stateless.</summary>
public static class VectorFile
{
    /// <summary>Opens a file for reading and another of the same kind and shape for writing.</summary>
    /// <param name="input">The file to read.</param>
    /// <param name="output">The file to write; it has its name only after <see cref="IVectorFileWriter.CompleteAsync"/>.</param>
    /// <param name="settings">What is done to the rows.</param>
    /// <param name="keys">Where the keys of the rows come from.</param>
    /// <returns>Both; the caller disposes them.</returns>
    /// <exception cref="VectorFileException">A file cannot be opened, is damaged, is of another kind, or there is an output already.</exception>
    public static (IVectorFileReader Reader, IVectorFileWriter Writer) Open(string input, string output, FileSettings settings, IFileKeys keys)
    {
        ArgumentNullException.ThrowIfNull(settings);
        VectorFileKind kind = Check(input, output, settings.Overwrite);
        NpyHeader header = kind == VectorFileKind.Npy ? NpyFile.ReadHeader(input) : default;
        IVectorFileReader reader = OpenReader(input, kind, header, settings, keys);
        try
        {
            IVectorFileWriter writer = kind switch
            {
                VectorFileKind.Npy => new BinaryFileWriter(output, header, settings),
                VectorFileKind.Fvecs => new BinaryFileWriter(output, settings),
                _ => new JsonLinesFileWriter(output, settings),
            };
            return (reader, writer);
        }
        catch
        {
            // Nothing of a reader is asynchronous to close.
            reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw;
        }
    }

    /// <summary>Checks what can be checked before any file is opened.</summary>
    /// <param name="input">The file to read.</param>
    /// <param name="output">The file to write.</param>
    /// <param name="overwrite">Whether files of the output's names are replaced.</param>
    /// <returns>The kind of both files.</returns>
    /// <exception cref="VectorFileException">The names do not fit together, the input is not there, or the output is.</exception>
    public static VectorFileKind Check(string input, string output, bool overwrite)
    {
        VectorFileKind kind = CheckNames(input, output);
        if (!File.Exists(input))
            throw new VectorFileException($"{input}: cannot be read: {(Directory.Exists(input) ? "it is a folder." : "there is no such file.")}");
        if (Directory.Exists(output))
            throw new VectorFileException($"{output}: cannot be written: it is a folder.");
        if (!overwrite)
            CheckAbsent(output, kind);
        return kind;
    }

    private static IVectorFileReader OpenReader(string input, VectorFileKind kind, in NpyHeader header, FileSettings settings, IFileKeys keys)
    {
        if (kind == VectorFileKind.JsonLines)
            return new JsonLinesFileReader(input, settings, keys);
        var rows = new BinaryRows(input, settings, keys);
        try
        {
            if (kind == VectorFileKind.Fvecs)
                return new FvecsFileReader(input, rows);
            rows.Metadata?.CheckRows(header.Rows);
            return header.FortranOrder ? new NpyColumnsFileReader(input, header, rows) : new NpyFileReader(input, header, rows);
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    private static VectorFileKind CheckNames(string input, string output)
    {
        if (!VectorFileNames.TryGetKind(input, out VectorFileKind kind))
            throw new VectorFileException($"{input}: unknown kind of file, expected a name that ends in {VectorFileNames.Extensions}.");
        if (!VectorFileNames.TryGetKind(output, out VectorFileKind outputKind) || outputKind != kind)
            throw new VectorFileException($"{output}: expected a name that ends in {Path.GetExtension(input)}, as that of {input}: kinds of files are not converted.");
        if (Path.GetFullPath(input) == Path.GetFullPath(output))
            throw new VectorFileException($"{output}: input and output are the same file; write to another and rename it.");
        return kind;
    }

    // Also what would not be written: metadata or rejects of another run beside this output would be taken for its own.
    private static void CheckAbsent(string output, VectorFileKind kind)
    {
        string[] names = kind == VectorFileKind.JsonLines
            ? [output, VectorFileNames.Rejects(output)]
            : [output, VectorFileNames.Metadata(output), VectorFileNames.Rejects(output)];
        foreach (string name in names)
        {
            if (File.Exists(name))
                throw new VectorFileException($"{name}: there is a file already; use --force to replace it.");
        }
    }
}
