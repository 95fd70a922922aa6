using System.Buffers;
using System.Buffers.Binary;
using GpuCrypt.Ingest.Formats;
using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Ingest.Files;

/// <summary>Rows of binary files into batches: the key, the metadata, the elements, the row's number as its record id. For one thread.</summary>
internal sealed class BinaryRows : IDisposable
{
    private readonly FileSettings _settings;
    private readonly IFileKeys _keys;
    private readonly byte[] _id = new byte[sizeof(long)];
    private byte[] _scratch = [];

    /// <summary>Creates the state of one file.</summary>
    /// <exception cref="VectorFileException">There is to be metadata, and it is not there.</exception>
    public BinaryRows(string file, FileSettings settings, IFileKeys keys)
    {
        _settings = settings;
        _keys = keys;
        if (settings.ReadsMetadata)
            Metadata = new MetadataFileReader(file);
    }

    /// <summary>The metadata beside the file; null when there is none to read.</summary>
    public MetadataFileReader? Metadata { get; }

    /// <summary>Adds one row, rejected or not. The batch has room for it.</summary>
    /// <param name="number">The row's number.</param>
    /// <param name="offset">Where it starts in the file.</param>
    /// <param name="elements">Its elements.</param>
    /// <param name="header">What they are.</param>
    /// <param name="batch">The batch.</param>
    public void Add(long number, long offset, in ReadOnlySequence<byte> elements, in NpyHeader header, FileBatch batch)
    {
        var row = new FileRow { Number = number, Offset = offset, BatchRow = -1, Dimension = header.Dimension };
        if (TryStart(number, header.Dimension, batch, out int batchRow, out Rejection rejection))
        {
            ReadOnlySpan<byte> source = Contiguous(elements);
            int bad = FloatConversion.ToSingle(header.Type, header.BigEndian, source, batch.Vectors.Input(batchRow));
            if (bad < 0)
            {
                row.BatchRow = batchRow;
            }
            else
            {
                RejectReason reason = FloatConversion.WhyNot(header.Type, header.BigEndian, source[(bad * FloatConversion.Size(header.Type))..]);
                rejection = RecordRows.BadElement(reason, -1, bad);
                batch.Vectors.Truncate(batchRow);
            }
        }

        row.Rejection = rejection;
        batch.Add(row);
    }

    /// <summary>Adds a row to the vectors with its key, metadata and id, and without its elements.</summary>
    /// <returns>False when it is rejected; then there is no such row.</returns>
    public bool TryStart(long number, int dimension, FileBatch batch, out int batchRow, out Rejection rejection)
    {
        VectorBatch vectors = batch.Vectors;
        ReadOnlySpan<byte> metadata = Metadata is null ? default : Metadata.Next();
        batchRow = -1;
        if (Metadata is not null && metadata.IndexOfAnyExcept((byte)0) < 0)
        {
            rejection = new Rejection(RejectReason.MissingMetadata, "the row was rejected when the file was encrypted: its metadata is all zero");
            return false;
        }

        var request = new FileKeyRequest { SecretId = Metadata is null ? 0 : BinaryPrimitives.ReadUInt32BigEndian(metadata) };
        if (!_keys.TryAdd(request, vectors, out int keyIndex, out rejection))
            return false;
        if (!vectors.TryAddRow(dimension, keyIndex, out batchRow))
            throw new InvalidOperationException("The batch has no room for the row.");
        BinaryPrimitives.WriteInt64LittleEndian(_id, number);
        vectors.TrySetRecordId(batchRow, _id, 0);
        if (!_settings.ReadsMetadata || MetadataHeader.FillRow(metadata, vectors, batchRow, out rejection))
            return true;
        vectors.Truncate(batchRow);
        return false;
    }

    public void Dispose() => Metadata?.Dispose();

    private ReadOnlySpan<byte> Contiguous(in ReadOnlySequence<byte> elements)
    {
        if (elements.IsSingleSegment)
            return elements.FirstSpan;
        int length = (int)elements.Length;
        if (_scratch.Length < length)
            _scratch = new byte[length];
        elements.CopyTo(_scratch);
        return _scratch.AsSpan(0, length);
    }
}
