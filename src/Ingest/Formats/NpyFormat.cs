using System.Runtime.InteropServices;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Ingest.Formats;

/// <summary>
/// A .npy array a message: 1-D for one vector, 2-D for a table of vectors; float16, float32 or float64, either byte order, C or Fortran
/// order. Output is always little-endian float32 in C order, of the same shape: a ciphertext needs all 32 bits of every element.
/// </summary>
public sealed class NpyFormat : IRecordFormat
{
    private const int MaxRows = int.MaxValue / VectorMetadata.Size;

    private readonly int _dimension;

    /// <summary>Creates the format.</summary>
    /// <param name="dimension">The dimension that every vector must have; 0 for any.</param>
    public NpyFormat(int dimension = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(dimension);
        _dimension = dimension;
    }

    /// <inheritdoc />
    public string Name => "npy";

    /// <inheritdoc />
    public string ContentType => "application/x-npy";

    /// <inheritdoc />
    public bool MetadataInside => false;

    /// <inheritdoc />
    public bool Scan(ReadOnlySpan<byte> message, ReadOnlySpan<byte> metadata, BatchOperation operation, out RecordFields fields, out Rejection rejection)
    {
        fields = new RecordFields { Operation = operation };
        if (!NpyHeader.TryRead(message, out NpyHeader header, out rejection))
            return false;
        fields.Npy = header;
        fields.Dimension = header.Dimension;
        long found = message.Length - header.Size;
        if (found != header.DataSize)
        {
            rejection = new Rejection(RejectReason.WrongLength, "the array's data does not have the size that its shape asks for (bytes)") { Expected = header.DataSize, Found = found };
            return false;
        }

        // A few bytes can claim any number of vectors of dimension 0.
        if (header.Rows > MaxRows)
        {
            rejection = new Rejection(RejectReason.TooLarge, "the record has more vectors than there can be metadata for") { Expected = MaxRows, Found = header.Rows };
            return false;
        }

        fields.Rows = (int)header.Rows;
        return RecordRows.CheckEncodedSize(NpyHeader.MaxWrittenSize + (header.Rows * header.Dimension * sizeof(float)), out rejection)
            && RecordRows.CheckDimension(_dimension, fields.Dimension, out rejection) && MetadataHeader.Scan(metadata, operation, ref fields, out rejection);
    }

    /// <inheritdoc />
    public FillStatus Fill(
        ReadOnlySpan<byte> message, ReadOnlySpan<byte> metadata, in RecordFields fields, VectorBatch batch, int keyIndex, ReadOnlySpan<byte> recordId, out Rejection rejection)
    {
        ArgumentNullException.ThrowIfNull(batch);
        int firstRow = batch.Rows;
        FillStatus status = RecordRows.Add(fields, batch, keyIndex, recordId, out rejection);
        if (status != FillStatus.Ok)
            return status;
        status = FillRows(message[fields.Npy.Size..], metadata, fields, batch, firstRow, recordId, out rejection);
        if (status != FillStatus.Ok)
            batch.Truncate(firstRow);
        return status;
    }

    /// <inheritdoc />
    public void CopyEnvelope(ReadOnlySpan<byte> message, in RecordFields fields, Span<byte> destination)
    {
    }

    /// <inheritdoc />
    public int MaxEncodedSize(in RecordFields fields) =>
        checked(fields.Npy.WrittenSize() + (int)((long)fields.Rows * fields.Dimension * sizeof(float)));

    /// <inheritdoc />
    public int Encode(in RecordFields fields, ReadOnlySpan<byte> envelope, VectorBatch batch, int firstRow, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(batch);
        int at = fields.Npy.Write(destination);
        for (int i = 0; i < fields.Rows; i++)
        {
            ReadOnlySpan<byte> output = MemoryMarshal.AsBytes(batch.Output(firstRow + i));
            output.CopyTo(destination[at..]);
            at += output.Length;
        }

        return at;
    }

    private static FillStatus FillRows(
        ReadOnlySpan<byte> data, ReadOnlySpan<byte> metadata, in RecordFields fields, VectorBatch batch, int firstRow, ReadOnlySpan<byte> recordId, out Rejection rejection)
    {
        NpyHeader header = fields.Npy;
        if (header.FortranOrder)
        {
            if (!NpyColumns.Fill(data, header, batch, firstRow, out rejection))
                return FillStatus.Rejected;
        }
        else
        {
            int rowSize = (int)header.RowSize;
            for (int i = 0; i < fields.Rows; i++)
            {
                ReadOnlySpan<byte> row = data.Slice(i * rowSize, rowSize);
                int bad = FloatConversion.ToSingle(header.Type, header.BigEndian, row, batch.Input(firstRow + i));
                if (bad >= 0)
                {
                    RejectReason reason = FloatConversion.WhyNot(header.Type, header.BigEndian, row[(bad * FloatConversion.Size(header.Type))..]);
                    rejection = RecordRows.BadElement(reason, i, bad);
                    return FillStatus.Rejected;
                }
            }
        }

        if (!metadata.IsEmpty && !MetadataHeader.Fill(metadata, batch, firstRow, fields.Rows, out rejection))
            return FillStatus.Rejected;
        rejection = default;
        return RecordRows.TrySetIds(fields, batch, firstRow, recordId) ? FillStatus.Ok : FillStatus.BatchFull;
    }
}
