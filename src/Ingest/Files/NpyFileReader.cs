using System.Buffers;
using GpuCrypt.Ingest.Formats;

namespace GpuCrypt.Ingest.Files;

/// <summary>A .npy file stored row by row.</summary>
internal sealed class NpyFileReader : PipeFileReader
{
    private readonly NpyHeader _header;
    private readonly BinaryRows _rows;
    private long _next;

    /// <summary>Opens a file whose header has been read.</summary>
    /// <param name="file">The file.</param>
    /// <param name="header">Its header.</param>
    /// <param name="rows">Where its rows go; disposed with the reader.</param>
    /// <param name="segmentSize">The size of the pipe's segments.</param>
    public NpyFileReader(string file, in NpyHeader header, BinaryRows rows, int segmentSize = SegmentSize)
        : base(file, header.Size, segmentSize)
    {
        _header = header;
        _rows = rows;
        Needed = header.RowSize;
    }

    public override long TotalRows => _header.Rows;

    public override int Dimension => _header.Dimension;

    public override ValueTask DisposeAsync()
    {
        _rows.Dispose();
        return base.DisposeAsync();
    }

    protected override bool Consume(ReadOnlySequence<byte> buffer, bool completed, FileBatch batch, out long consumed, out bool ended)
    {
        consumed = 0;
        long size = _header.RowSize;
        while (_next < _header.Rows && buffer.Length >= size)
        {
            if (batch.IsFull || !batch.Vectors.HasRoom(1, _header.Dimension))
            {
                ended = false;
                return false;
            }

            _rows.Add(_next, Position + consumed, buffer.Slice(0, size), _header, batch);
            buffer = buffer.Slice(size);
            consumed += size;
            _next++;
        }

        ended = _next == _header.Rows;
        if (!ended && completed)
            throw Damaged($"row {_next:D}", Position + consumed, "the file ends inside the row (bytes)", size, buffer.Length);
        return true;
    }
}
