using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Ingest.Formats;

/// <summary>Tables stored column by column (Fortran order) into rows. Stateless.</summary>
internal static class NpyColumns
{
    private const int Block = 256;

    /// <summary>Converts and transposes a table.</summary>
    /// <param name="data">The elements of the table.</param>
    /// <param name="header">What they are.</param>
    /// <param name="batch">The batch with the rows, one a vector.</param>
    /// <param name="firstRow">The first of them.</param>
    /// <param name="rejection">The element that has no finite float32.</param>
    public static bool Fill(ReadOnlySpan<byte> data, in NpyHeader header, VectorBatch batch, int firstRow, out Rejection rejection)
    {
        int rows = (int)header.Rows;
        int size = FloatConversion.Size(header.Type);
        // A block of rows takes every column before the next block, so that the rows written to stay in the cache.
        for (int row = 0; row < rows; row += Block)
        {
            int count = Math.Min(Block, rows - row);
            for (int column = 0; column < header.Dimension; column++)
            {
                ReadOnlySpan<byte> part = data.Slice(((column * rows) + row) * size, count * size);
                if (!FillColumn(part, header, batch, firstRow + row, column, count, out rejection))
                {
                    rejection = rejection with { Row = row + rejection.Row };
                    return false;
                }
            }
        }

        rejection = default;
        return true;
    }

    /// <summary>Converts a part of one column and lays it across rows.</summary>
    /// <returns>False when an element has no finite float32; the rejection's row counts from <paramref name="firstRow"/>.</returns>
    public static bool FillColumn(ReadOnlySpan<byte> part, in NpyHeader header, VectorBatch batch, int firstRow, int column, int count, out Rejection rejection)
    {
        Span<float> values = stackalloc float[Block];
        values = values[..count];
        int bad = FloatConversion.ToSingle(header.Type, header.BigEndian, part, values);
        if (bad >= 0)
        {
            RejectReason reason = FloatConversion.WhyNot(header.Type, header.BigEndian, part[(bad * FloatConversion.Size(header.Type))..]);
            rejection = RecordRows.BadElement(reason, bad, column);
            return false;
        }

        for (int i = 0; i < count; i++)
            batch.Input(firstRow + i)[column] = values[i];
        rejection = default;
        return true;
    }
}
