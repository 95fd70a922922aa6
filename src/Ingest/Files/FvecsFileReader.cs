using System.Buffers;
using System.Buffers.Binary;
using GpuCrypt.Ingest.Formats;

namespace GpuCrypt.Ingest.Files;

/// <summary>A .fvecs file. Vectors may differ in dimension.</summary>
internal sealed class FvecsFileReader : PipeFileReader
{
    private readonly BinaryRows _rows;
    private long _next;

    /// <summary>Opens a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="rows">Where its rows go; disposed with the reader.</param>
    /// <param name="segmentSize">The size of the pipe's segments.</param>
    public FvecsFileReader(string file, BinaryRows rows, int segmentSize = SegmentSize)
        : base(file, 0, segmentSize) => _rows = rows;

    public override ValueTask DisposeAsync()
    {
        _rows.Dispose();
        return base.DisposeAsync();
    }

    protected override bool Consume(ReadOnlySequence<byte> buffer, bool completed, FileBatch batch, out long consumed, out bool ended)
    {
        consumed = 0;
        ended = false;
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        while (true)
        {
            Needed = sizeof(int);
            int dimension = 0;
            if (buffer.Length >= sizeof(int))
            {
                buffer.Slice(0, sizeof(int)).CopyTo(bytes);
                dimension = BinaryPrimitives.ReadInt32LittleEndian(bytes);
                if (dimension < 0 || !batch.Vectors.CouldHold(1, dimension))
                    throw new VectorFileException($"{Name}: row {_next:D} at byte {Position + consumed:D}: expected a dimension from 0 to {batch.Vectors.ValueCapacity:D}, found {dimension:D}.");
                Needed += (long)dimension * sizeof(float);
            }

            if (buffer.Length < Needed || buffer.IsEmpty)
                break;
            if (batch.IsFull || !batch.Vectors.HasRoom(1, dimension))
                return false;
            var header = new NpyHeader { Type = FloatType.Float32, Dimension = dimension };
            _rows.Add(_next, Position + consumed, buffer.Slice(sizeof(int), Needed - sizeof(int)), header, batch);
            buffer = buffer.Slice(Needed);
            consumed += Needed;
            _next++;
        }

        ended = completed;
        if (!ended)
            return true;
        if (!buffer.IsEmpty)
            throw Damaged($"row {_next:D}", Position + consumed, "the file ends inside the row (bytes)", Needed, buffer.Length);
        _rows.Metadata?.CheckRows(_next);
        return true;
    }
}
