using System.Runtime.InteropServices;
using GpuCrypt.Ingest.Formats;
using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Ingest.Files;

/// <summary>
/// A batch with what the writer needs to know of each row, in the order of the file: where it came from, whether it was rejected, and
/// for JSON lines the text around the vector. Filled by a reader, drained by a writer, one thread at a time.
/// </summary>
public sealed class FileBatch : IDisposable
{
    private readonly List<FileRow> _rows = [];
    private readonly List<RecordFields> _fields = [];
    private byte[] _text = [];
    private int _textUsed;

    /// <summary>Wraps a batch, which is disposed with it.</summary>
    public FileBatch(VectorBatch vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        Vectors = vectors;
    }

    /// <summary>The vectors.</summary>
    public VectorBatch Vectors { get; }

    /// <summary>The rows of the file, rejected ones among them.</summary>
    public ReadOnlySpan<FileRow> Rows => CollectionsMarshal.AsSpan(_rows);

    /// <summary>True when no further row should be added, whatever its size.</summary>
    internal bool IsFull => _rows.Count >= Vectors.RowCapacity || _textUsed >= MaxText;

    /// <summary>Text beyond which a batch is handed on: mostly rows are full before it.</summary>
    private static int MaxText => 16 << 20;

    /// <summary>Empties the batch and lets its keys go.</summary>
    public void Clear()
    {
        Vectors.Clear();
        _rows.Clear();
        _fields.Clear();
        _textUsed = 0;
    }

    /// <inheritdoc />
    public void Dispose() => Vectors.Dispose();

    internal void Add(in FileRow row) => _rows.Add(row);

    /// <summary>Adds a row that is kept as it is and has no vector: a blank line.</summary>
    internal void AddText(FileRow row, ReadOnlySpan<byte> text)
    {
        row.BatchRow = -1;
        row.TextLength = text.Length;
        text.CopyTo(TakeText(text.Length, out int start));
        row.TextStart = start;
        _rows.Add(row);
    }

    /// <summary>Adds a JSON record.</summary>
    internal void AddRecord(FileRow row, JsonFormat format, ReadOnlySpan<byte> message, in RecordFields fields)
    {
        row.TextLength = fields.EnvelopeSize;
        format.CopyEnvelope(message, fields, TakeText(fields.EnvelopeSize, out int start));
        row.TextStart = start;
        row.FieldsIndex = _fields.Count;
        _fields.Add(fields);
        _rows.Add(row);
    }

    internal ref readonly RecordFields Fields(in FileRow row) => ref CollectionsMarshal.AsSpan(_fields)[row.FieldsIndex];

    internal ReadOnlySpan<byte> Text(in FileRow row) => _text.AsSpan(row.TextStart, row.TextLength);

    private Span<byte> TakeText(int size, out int start)
    {
        start = _textUsed;
        if (size > _text.Length - _textUsed)
            Array.Resize(ref _text, (int)Math.Min(Math.Max(_text.Length * 2L, _textUsed + (long)size), Array.MaxLength));
        _textUsed += size;
        return _text.AsSpan(start, size);
    }
}
