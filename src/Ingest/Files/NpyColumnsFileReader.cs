using GpuCrypt.Ingest.Formats;
using GpuCrypt.Kernels.Batches;
using Microsoft.Win32.SafeHandles;

namespace GpuCrypt.Ingest.Files;

/// <summary>A .npy file stored column by column (Fortran order): the part of every column that belongs to a batch is read by itself.</summary>
internal sealed class NpyColumnsFileReader : IVectorFileReader
{
    private const int Block = 4096;

    private readonly string _file;
    private readonly NpyHeader _header;
    private readonly BinaryRows _rows;
    private readonly SafeFileHandle _handle;
    private readonly FileRow[] _started;
    private readonly float[] _values = new float[Block];
    private readonly byte[] _bytes;
    private long _next;

    /// <summary>Opens a file whose header has been read.</summary>
    /// <param name="file">The file.</param>
    /// <param name="header">Its header.</param>
    /// <param name="rows">Where its rows go; disposed with the reader.</param>
    public NpyColumnsFileReader(string file, in NpyHeader header, BinaryRows rows)
    {
        _file = file;
        _header = header;
        _rows = rows;
        _started = new FileRow[Block];
        _bytes = new byte[Block * FloatConversion.Size(header.Type)];
        _handle = File.OpenHandle(file, options: FileOptions.RandomAccess);
        TotalBytes = RandomAccess.GetLength(_handle);
    }

    public long TotalRows => _header.Rows;

    public int Dimension => _header.Dimension;

    public long TotalBytes { get; }

    public long BytesRead => _header.Size + (_next * _header.RowSize);

    public ValueTask<bool> FillAsync(FileBatch batch, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        while (_next < _header.Rows && !batch.IsFull)
        {
            int count = StartRows(batch);
            if (count == 0)
                break;
            for (int column = 0; column < _header.Dimension; column++)
            {
                cancellation.ThrowIfCancellationRequested();
                FillColumn(column, count, batch.Vectors);
            }

            for (int i = 0; i < count; i++)
                batch.Add(_started[i]);
            _next += count;
        }

        return ValueTask.FromResult(batch.Rows.Length > 0);
    }

    public ValueTask DisposeAsync()
    {
        _handle.Dispose();
        _rows.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Adds as many rows as fit, at most a block, without their elements.</summary>
    private int StartRows(FileBatch batch)
    {
        int most = (int)Math.Min(Math.Min(Block, batch.Vectors.RowCapacity - batch.Rows.Length), _header.Rows - _next);
        int count = 0;
        for (; count < most && batch.Vectors.HasRoom(1, _header.Dimension); count++)
        {
            long number = _next + count;
            var row = new FileRow { Number = number, Offset = _header.Size + (number * FloatConversion.Size(_header.Type)), Dimension = _header.Dimension };
            row.BatchRow = _rows.TryStart(number, _header.Dimension, batch, out int batchRow, out Rejection rejection) ? batchRow : -1;
            row.Rejection = rejection;
            _started[count] = row;
        }

        return count;
    }

    private void FillColumn(int column, int count, VectorBatch vectors)
    {
        int size = FloatConversion.Size(_header.Type);
        Span<byte> bytes = _bytes.AsSpan(0, count * size);
        long offset = _header.Size + (((column * _header.Rows) + _next) * size);
        int read = 0;
        while (read < bytes.Length)
        {
            int more = RandomAccess.Read(_handle, bytes[read..], offset + read);
            if (more == 0)
                throw new VectorFileException($"{_file}: column {column:D} at byte {offset:D}: the file ends inside the column, expected {bytes.Length:D} bytes, found {read:D}.");
            read += more;
        }

        for (int done = 0; done < count;)
        {
            Span<float> values = _values.AsSpan(done, count - done);
            int bad = FloatConversion.ToSingle(_header.Type, _header.BigEndian, bytes[(done * size)..], values);
            int end = bad < 0 ? count : done + bad;
            for (int i = done; i < end; i++)
            {
                if (_started[i].BatchRow >= 0)
                    vectors.Input(_started[i].BatchRow)[column] = _values[i];
            }

            if (bad >= 0)
                Reject(end++, column, bytes.Slice((done + bad) * size, size), vectors);
            done = end;
        }
    }

    // Its neighbours lie behind it in the batch, so the row stays there, as zeros, and its result is not looked at.
    private void Reject(int index, int column, ReadOnlySpan<byte> element, VectorBatch vectors)
    {
        ref FileRow row = ref _started[index];
        if (row.BatchRow < 0)
            return;
        vectors.Input(row.BatchRow).Clear();
        row.BatchRow = -1;
        row.Rejection = RecordRows.BadElement(FloatConversion.WhyNot(_header.Type, _header.BigEndian, element), -1, column);
    }
}
