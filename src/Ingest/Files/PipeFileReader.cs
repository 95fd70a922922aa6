using System.Buffers;
using System.IO.Pipelines;

namespace GpuCrypt.Ingest.Files;

/// <summary>A file read front to back through a pipe, one frame (a row, a line) after the other.</summary>
internal abstract class PipeFileReader : IVectorFileReader
{
    /// <summary>The segments of the pipe: large reads, and few frames that lie across two of them.</summary>
    public const int SegmentSize = 1 << 20;

    private readonly FileStream _stream;
    private readonly PipeReader _pipe;
    private bool _ended;

    /// <summary>Opens a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="start">Where its first frame starts.</param>
    /// <param name="segmentSize">The size of the pipe's segments.</param>
    /// <exception cref="VectorFileException">It cannot be opened.</exception>
    protected PipeFileReader(string file, long start, int segmentSize)
    {
        Name = file;
        _stream = InputFile.Open(file);
        TotalBytes = _stream.Length;
        Position = _stream.Position = start;
        // At least half a segment a read: a segment is left when less than that is free in it.
        _pipe = PipeReader.Create(_stream, new StreamPipeReaderOptions(bufferSize: segmentSize, minimumReadSize: Math.Max(1, segmentSize / 2), leaveOpen: false));
    }

    public virtual long TotalRows => -1;

    public virtual int Dimension => -1;

    public long TotalBytes { get; }

    public long BytesRead => Position;

    protected string Name { get; }

    /// <summary>Where in the file the next frame starts.</summary>
    protected long Position { get; private set; }

    /// <summary>The bytes that must be there before <see cref="Consume"/> is called again; fewer only at the end of the file.</summary>
    protected long Needed { get; set; } = 1;

    public async ValueTask<bool> FillAsync(FileBatch batch, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        bool full = false;
        while (!_ended && !full)
        {
            if (Needed > int.MaxValue)
                throw new VectorFileException($"{Name}: at byte {Position:D}: a row or line of {Needed:D} bytes, expected at most {int.MaxValue:D}.");
            // ReadAtLeastAsync does not take 0, and a row of dimension 0 needs nothing.
            ReadResult result = await _pipe.ReadAtLeastAsync((int)Math.Max(1, Needed), cancellation).ConfigureAwait(false);
            long consumed = 0;
            try
            {
                full = !Consume(result.Buffer, result.IsCompleted, batch, out consumed, out _ended);
            }
            finally
            {
                Position += consumed;
                _pipe.AdvanceTo(result.Buffer.GetPosition(consumed));
            }
        }

        return batch.Rows.Length > 0;
    }

    public virtual async ValueTask DisposeAsync()
    {
        await _pipe.CompleteAsync().ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Takes frames from the buffer into the batch.</summary>
    /// <param name="buffer">The file from <see cref="Position"/> on.</param>
    /// <param name="completed">Whether the buffer goes to the end of the file.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="consumed">The bytes of the frames that were taken.</param>
    /// <param name="ended">Whether that was the last frame.</param>
    /// <returns>False when the batch is full.</returns>
    protected abstract bool Consume(ReadOnlySequence<byte> buffer, bool completed, FileBatch batch, out long consumed, out bool ended);

    /// <summary>A fault that leaves the rest of the file unreadable.</summary>
    protected VectorFileException Damaged(string where, long offset, string what, long expected, long found) =>
        new($"{Name}: {where} at byte {offset:D}: {what}, expected {expected:D}, found {found:D}.");
}
