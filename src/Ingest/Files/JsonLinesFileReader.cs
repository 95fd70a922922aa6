using System.Buffers;
using System.Buffers.Binary;
using GpuCrypt.Ingest.Formats;

namespace GpuCrypt.Ingest.Files;

/// <summary>
/// JSON records, one a line. A line's end belongs to it, so it comes out as it went in; blank lines are kept. A line beyond the limit is
/// rejected and skipped without being held.
/// </summary>
internal sealed class JsonLinesFileReader : PipeFileReader
{
    private readonly FileSettings _settings;
    private readonly IFileKeys _keys;
    private readonly JsonFormat _format;
    private byte[] _scratch = [];
    private byte[] _texts = [];
    private long _line = 1;
    private long _searched;
    private long _skipped;

    /// <summary>Opens a file.</summary>
    public JsonLinesFileReader(string file, FileSettings settings, IFileKeys keys, int segmentSize = SegmentSize)
        : base(file, 0, segmentSize)
    {
        _settings = settings;
        _keys = keys;
        _format = new JsonFormat(settings.Json);
    }

    protected override bool Consume(ReadOnlySequence<byte> buffer, bool completed, FileBatch batch, out long consumed, out bool ended)
    {
        consumed = 0;
        ended = false;
        while (true)
        {
            SequencePosition? end = buffer.Slice(_searched).PositionOf((byte)'\n');
            bool whole = end is not null || completed;
            long length = end is null ? buffer.Length : buffer.Slice(0, end.Value).Length + 1;
            if (_skipped > 0 || length > _settings.Json.MaxMessageSize)
            {
                if (batch.IsFull)
                    return false;
                Skip(length, whole, Position + consumed, batch);
            }
            else if (!whole)
            {
                // What has been searched is not searched again, and reads grow with the line.
                _searched = buffer.Length;
                Needed = Math.Min(buffer.Length * 2, (long)_settings.Json.MaxMessageSize + 1);
                Needed = Math.Max(Needed, buffer.Length + 1);
                return true;
            }
            else if (length > 0)
            {
                if (!TryAddLine(buffer.Slice(0, length), Position + consumed, batch))
                    return false;
                _line++;
            }

            buffer = buffer.Slice(length);
            consumed += length;
            _searched = 0;
            Needed = 1;
            if (end is null)
            {
                ended = completed;
                return true;
            }
        }
    }

    /// <summary>Passes over a part of a line that is too long, and rejects it at its end.</summary>
    private void Skip(long length, bool whole, long offset, FileBatch batch)
    {
        long start = offset - _skipped;
        _skipped += length;
        if (!whole)
            return;
        batch.Add(new FileRow
        {
            Number = _line++,
            Offset = start,
            BatchRow = -1,
            Rejection = new Rejection(RejectReason.TooLarge, "the line is longer than the limit (bytes)") { Expected = _settings.Json.MaxMessageSize, Found = _skipped },
        });
        _skipped = 0;
    }

    private bool TryAddLine(in ReadOnlySequence<byte> sequence, long offset, FileBatch batch)
    {
        if (batch.IsFull)
            return false;
        ReadOnlySpan<byte> line = Contiguous(sequence);
        var row = new FileRow { Number = _line, Offset = offset, BatchRow = -1 };
        // A byte order mark is no part of the first record; the output goes without it.
        if (offset == 0 && line.StartsWith("\uFEFF"u8))
            line = line[3..];
        if (line.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            batch.AddText(row, line);
            return true;
        }

        int batchRow = batch.Vectors.Rows;
        FillStatus status = FillStatus.Rejected;
        if (_format.Scan(line, default, _settings.Operation, out RecordFields fields, out Rejection rejection)
            && TryAddKey(line, fields, batch, out int keyIndex, out rejection))
            status = _format.Fill(line, default, fields, batch.Vectors, keyIndex, RecordId(fields, line), out rejection);
        switch (status)
        {
            case FillStatus.BatchFull:
                return false;
            case FillStatus.Ok:
                row.BatchRow = batchRow;
                batch.AddRecord(row, _format, line, fields);
                return true;
            default:
                row.Rejection = rejection with { Row = -1 };
                batch.Add(row);
                return true;
        }
    }

    private bool TryAddKey(ReadOnlySpan<byte> line, in RecordFields fields, FileBatch batch, out int keyIndex, out Rejection rejection)
    {
        // Both texts may need the scratch, one after the other.
        int tenantSize = fields.Tenant.ScratchSize;
        int size = tenantSize + fields.DerivationPath.ScratchSize;
        if (_texts.Length < size)
            _texts = new byte[size];
        var request = new FileKeyRequest
        {
            SecretId = fields.SecretId,
            Tenant = fields.Tenant.Read(line, _texts),
            DerivationPath = fields.DerivationPath.Read(line, _texts.AsSpan(tenantSize)),
        };
        return _keys.TryAdd(request, batch.Vectors, out keyIndex, out rejection);
    }

    // Records without ids are named by their lines.
    private ReadOnlySpan<byte> RecordId(in RecordFields fields, ReadOnlySpan<byte> line)
    {
        if (_texts.Length < Math.Max(sizeof(long), fields.Id.ScratchSize))
            _texts = new byte[Math.Max(sizeof(long), fields.Id.ScratchSize)];
        if (fields.Id.IsPresent)
            return fields.Id.Read(line, _texts);
        BinaryPrimitives.WriteInt64LittleEndian(_texts, _line);
        return _texts.AsSpan(0, sizeof(long));
    }

    private ReadOnlySpan<byte> Contiguous(in ReadOnlySequence<byte> line)
    {
        if (line.IsSingleSegment)
            return line.FirstSpan;
        int length = (int)line.Length;
        if (_scratch.Length < length)
            _scratch = new byte[Math.Max(length, (int)Math.Min(_scratch.Length * 2L, Array.MaxLength))];
        line.CopyTo(_scratch);
        return _scratch.AsSpan(0, length);
    }
}
