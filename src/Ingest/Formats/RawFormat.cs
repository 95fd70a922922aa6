using System.Runtime.InteropServices;
using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Ingest.Formats;

/// <summary>One vector a message: d little-endian float32 and nothing else. An empty message is the vector of dimension 0.</summary>
public sealed class RawFormat : IRecordFormat
{
    private readonly int _dimension;

    /// <summary>Creates the format.</summary>
    /// <param name="dimension">The dimension that every vector must have; 0 for any.</param>
    public RawFormat(int dimension = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(dimension);
        _dimension = dimension;
    }

    /// <inheritdoc />
    public string Name => "raw";

    /// <inheritdoc />
    public string ContentType => "application/octet-stream";

    /// <inheritdoc />
    public bool MetadataInside => false;

    /// <inheritdoc />
    public bool Scan(ReadOnlySpan<byte> message, ReadOnlySpan<byte> metadata, BatchOperation operation, out RecordFields fields, out Rejection rejection)
    {
        fields = new RecordFields { Operation = operation, Rows = 1, Dimension = message.Length / sizeof(float) };
        if (message.Length % sizeof(float) != 0)
        {
            rejection = new Rejection(RejectReason.WrongLength, "the message is not a whole number of float32 elements (bytes)")
            {
                Expected = _dimension > 0 ? _dimension * (long)sizeof(float) : message.Length / sizeof(float) * sizeof(float),
                Found = message.Length,
            };
            return false;
        }

        return RecordRows.CheckDimension(_dimension, fields.Dimension, out rejection) && MetadataHeader.Scan(metadata, operation, ref fields, out rejection);
    }

    /// <inheritdoc />
    public FillStatus Fill(
        ReadOnlySpan<byte> message, ReadOnlySpan<byte> metadata, in RecordFields fields, VectorBatch batch, int keyIndex, ReadOnlySpan<byte> recordId, out Rejection rejection)
    {
        ArgumentNullException.ThrowIfNull(batch);
        int row = batch.Rows;
        FillStatus status = RecordRows.Add(fields, batch, keyIndex, recordId, out rejection);
        if (status != FillStatus.Ok)
            return status;
        status = FillRow(message, metadata, fields, batch, row, recordId, out rejection);
        if (status != FillStatus.Ok)
            batch.Truncate(row);
        return status;
    }

    /// <inheritdoc />
    public void CopyEnvelope(ReadOnlySpan<byte> message, in RecordFields fields, Span<byte> destination)
    {
    }

    /// <inheritdoc />
    public int MaxEncodedSize(in RecordFields fields) => checked(fields.Dimension * sizeof(float));

    /// <inheritdoc />
    public int Encode(in RecordFields fields, ReadOnlySpan<byte> envelope, VectorBatch batch, int firstRow, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ReadOnlySpan<byte> output = MemoryMarshal.AsBytes(batch.Output(firstRow));
        output.CopyTo(destination);
        return output.Length;
    }

    private static FillStatus FillRow(
        ReadOnlySpan<byte> message, ReadOnlySpan<byte> metadata, in RecordFields fields, VectorBatch batch, int row, ReadOnlySpan<byte> recordId, out Rejection rejection)
    {
        int bad = FloatConversion.ToSingle(FloatType.Float32, bigEndian: false, message, batch.Input(row));
        if (bad >= 0)
        {
            rejection = RecordRows.BadElement(RejectReason.NotFinite, 0, bad);
            return FillStatus.Rejected;
        }

        if (!metadata.IsEmpty && !MetadataHeader.Fill(metadata, batch, row, 1, out rejection))
            return FillStatus.Rejected;
        rejection = default;
        return RecordRows.TrySetIds(fields, batch, row, recordId) ? FillStatus.Ok : FillStatus.BatchFull;
    }
}
