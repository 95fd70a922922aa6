using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Ingest.Files;

/// <summary>The metadata beside a binary ciphertext file, row after row. For one thread.</summary>
internal sealed class MetadataFileReader : IDisposable
{
    private readonly FileStream _stream;
    private readonly byte[] _row = new byte[VectorMetadata.Size];
    private readonly string _file;

    /// <summary>Opens the metadata of a ciphertext file.</summary>
    /// <exception cref="VectorFileException">It is not there, or no whole number of rows.</exception>
    public MetadataFileReader(string ciphertextFile)
    {
        _file = VectorFileNames.Metadata(ciphertextFile);
        if (!File.Exists(_file))
            throw new VectorFileException($"{_file}: there is no such file, expected the metadata of {ciphertextFile}, {VectorMetadata.Size} bytes a row.");
        _stream = new FileStream(_file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
        Rows = _stream.Length / VectorMetadata.Size;
        if (_stream.Length % VectorMetadata.Size == 0)
            return;
        long length = _stream.Length;
        _stream.Dispose();
        throw new VectorFileException($"{_file}: expected a multiple of {VectorMetadata.Size} bytes, found {length:D}.");
    }

    /// <summary>The number of rows.</summary>
    public long Rows { get; }

    /// <summary>Checks the number of rows against the ciphertext file's.</summary>
    /// <exception cref="VectorFileException">They differ.</exception>
    public void CheckRows(long rows)
    {
        if (rows != Rows)
            throw new VectorFileException($"{_file}: expected the metadata of {rows:D} rows ({rows * VectorMetadata.Size:D} bytes), found {Rows:D} ({Rows * VectorMetadata.Size:D} bytes).");
    }

    /// <summary>The metadata of the next row; valid until the next call.</summary>
    /// <exception cref="VectorFileException">There are no more rows.</exception>
    public ReadOnlySpan<byte> Next()
    {
        if (_stream.ReadAtLeast(_row, _row.Length, throwOnEndOfStream: false) < _row.Length)
            throw new VectorFileException($"{_file}: expected the metadata of more than {Rows:D} rows, found {Rows:D}.");
        return _row;
    }

    public void Dispose() => _stream.Dispose();
}
