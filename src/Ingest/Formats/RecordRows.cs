using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Ingest.Formats;

/// <summary>What every format does alike when it adds rows. Stateless.</summary>
internal static class RecordRows
{
    /// <summary>Adds the rows of a record, with nothing in them yet.</summary>
    public static FillStatus Add(in RecordFields fields, VectorBatch batch, int keyIndex, ReadOnlySpan<byte> recordId, out Rejection rejection)
    {
        rejection = default;
        if (fields.Rows == 0)
            return FillStatus.Ok;
        if (!batch.CouldHold(fields.Rows, fields.Dimension))
        {
            rejection = fields.Rows > batch.RowCapacity
                ? new Rejection(RejectReason.TooLarge, "the record has more vectors than a batch holds") { Expected = batch.RowCapacity, Found = fields.Rows }
                : new Rejection(RejectReason.TooLarge, "the record has more elements than a batch holds") { Expected = batch.ValueCapacity, Found = (long)fields.Rows * fields.Dimension };
            return FillStatus.Rejected;
        }

        if (recordId.Length > batch.RecordIdCapacity)
        {
            rejection = new Rejection(RejectReason.TooLarge, "the record's id is longer than a batch holds") { Expected = batch.RecordIdCapacity, Found = recordId.Length };
            return FillStatus.Rejected;
        }

        if (!batch.HasRoom(fields.Rows, fields.Dimension))
            return FillStatus.BatchFull;
        for (int i = 0; i < fields.Rows; i++)
            batch.TryAddRow(fields.Dimension, keyIndex, out _);
        return FillStatus.Ok;
    }

    /// <summary>Names the rows. Comes last, because a batch does not give the room of an id back when rows are taken away.</summary>
    public static bool TrySetIds(in RecordFields fields, VectorBatch batch, int firstRow, ReadOnlySpan<byte> recordId)
    {
        for (int i = 0; i < fields.Rows; i++)
        {
            if (!batch.TrySetRecordId(firstRow + i, recordId, i))
                return false;
        }

        return true;
    }

    /// <summary>Checks a vector's dimension against the configured one.</summary>
    public static bool CheckDimension(int configured, int found, out Rejection rejection)
    {
        bool right = configured == 0 || configured == found;
        rejection = right ? default : new Rejection(RejectReason.WrongDimension, "the vector's dimension is not the configured one") { Expected = configured, Found = found };
        return right;
    }

    /// <summary>Checks that the output can be one array.</summary>
    public static bool CheckEncodedSize(long size, out Rejection rejection)
    {
        bool fits = size <= Array.MaxLength;
        rejection = fits ? default : new Rejection(RejectReason.TooLarge, "the output would be larger than any message (bytes)") { Expected = Array.MaxLength, Found = size };
        return fits;
    }

    /// <summary>The rejection of an element that has no finite float32.</summary>
    public static Rejection BadElement(RejectReason reason, int row, long element) => new(
        reason, reason == RejectReason.OutOfRange ? "a number is outside the range of float32" : "an element is NaN or infinite")
    { Row = row, Element = element };
}
