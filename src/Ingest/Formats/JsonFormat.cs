using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Ingest.Formats;

/// <summary>
/// One JSON object a message, with an id, a vector and anything else. The output is the input's own text with the array of the vector
/// exchanged and the metadata field added behind the last field (encrypt), cut out (decrypt) or exchanged (rotate): every other byte
/// stays as it was. Numbers are written in the shortest form that reads back as the same float32.
/// </summary>
public sealed class JsonFormat : IRecordFormat
{
    private readonly JsonFormatOptions _options;
    private readonly JsonFieldNames _names;

    /// <summary>Creates the format.</summary>
    /// <param name="options">Names and limits; the defaults when null.</param>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public JsonFormat(JsonFormatOptions? options = null)
    {
        _options = options ?? new JsonFormatOptions();
        _options.Validate();
        _names = new JsonFieldNames(_options);
    }

    /// <inheritdoc />
    public string Name => "json";

    /// <inheritdoc />
    public string ContentType => "application/json";

    /// <inheritdoc />
    public bool MetadataInside => true;

    /// <inheritdoc />
    /// <remarks>Metadata beside a JSON record is not looked at: its metadata is inside.</remarks>
    public bool Scan(ReadOnlySpan<byte> message, ReadOnlySpan<byte> metadata, BatchOperation operation, out RecordFields fields, out Rejection rejection)
    {
        if (message.Length > _options.MaxMessageSize)
        {
            fields = default;
            rejection = new Rejection(RejectReason.TooLarge, "the message is longer than the limit (bytes)") { Expected = _options.MaxMessageSize, Found = message.Length };
            return false;
        }

        var scanner = new JsonScanner(message, operation, _names, _options.MaxDepth);
        return scanner.TryScan(message.Length, out fields, out rejection) && RecordRows.CheckEncodedSize(EncodedSize(fields), out rejection);
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
        bool filled = TryFillVector(message.Slice(fields.Vector.Start + 1, fields.Vector.Length - 2), batch.Input(row), out rejection)
            && (fields.Metadata.Length == 0 || JsonMetadata.Fill(message.Slice(fields.Metadata.Start, fields.Metadata.Length), batch, row, out rejection));
        status = !filled ? FillStatus.Rejected : RecordRows.TrySetIds(fields, batch, row, recordId) ? FillStatus.Ok : FillStatus.BatchFull;
        if (status != FillStatus.Ok)
            batch.Truncate(row);
        return status;
    }

    /// <inheritdoc />
    public void CopyEnvelope(ReadOnlySpan<byte> message, in RecordFields fields, Span<byte> destination)
    {
        (TextRange first, TextRange second) = InOrder(fields);
        message[..first.Start].CopyTo(destination);
        message[first.End..second.Start].CopyTo(destination[first.Start..]);
        message[second.End..].CopyTo(destination[(second.Start - first.Length)..]);
    }

    /// <inheritdoc />
    public int MaxEncodedSize(in RecordFields fields) => checked((int)EncodedSize(fields));

    /// <inheritdoc />
    public int Encode(in RecordFields fields, ReadOnlySpan<byte> envelope, VectorBatch batch, int firstRow, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(batch);
        (TextRange first, TextRange second) = InOrder(fields);
        bool vectorFirst = fields.Vector.Start < fields.MetadataHole.Start;
        int middle = second.Start - first.Length;
        envelope[..first.Start].CopyTo(destination);
        int at = first.Start;
        at += vectorFirst ? WriteVector(batch, firstRow, destination[at..]) : WriteMetadata(fields, batch, firstRow, destination[at..]);
        envelope[first.Start..middle].CopyTo(destination[at..]);
        at += middle - first.Start;
        at += vectorFirst ? WriteMetadata(fields, batch, firstRow, destination[at..]) : WriteVector(batch, firstRow, destination[at..]);
        envelope[middle..fields.EnvelopeSize].CopyTo(destination[at..]);
        return at + fields.EnvelopeSize - middle;
    }

    private static (TextRange First, TextRange Second) InOrder(in RecordFields fields) =>
        fields.Vector.Start < fields.MetadataHole.Start ? (fields.Vector, fields.MetadataHole) : (fields.MetadataHole, fields.Vector);

    // The scan has found the text to be numbers with commas and spaces between.
    private static bool TryFillVector(ReadOnlySpan<byte> text, Span<float> input, out Rejection rejection)
    {
        int at = 0;
        for (int i = 0; i < input.Length; i++)
        {
            while (!IsOfNumber(text[at]))
                at++;
            int start = at;
            while (at < text.Length && IsOfNumber(text[at]))
                at++;
            if (!JsonNumber.TryRead(text[start..at], out input[i]) || !float.IsFinite(input[i]))
            {
                rejection = RecordRows.BadElement(RejectReason.OutOfRange, 0, i);
                return false;
            }
        }

        rejection = default;
        return true;
    }

    private static bool IsOfNumber(byte character) => character > (byte)' ' && character != (byte)',';

    private static int WriteVector(VectorBatch batch, int row, Span<byte> destination)
    {
        int at = 0;
        destination[at++] = (byte)'[';
        foreach (float value in batch.Output(row))
        {
            if (at > 1)
                destination[at++] = (byte)',';
            at += JsonNumber.Write(value, destination[at..]);
        }

        destination[at++] = (byte)']';
        return at;
    }

    private long EncodedSize(in RecordFields fields) =>
        fields.EnvelopeSize + 2L + (fields.Dimension * (JsonNumber.MaxSize + 1L)) + _names.MetadataPrefix.Length + JsonMetadata.EncodedSize + 2;

    private int WriteMetadata(in RecordFields fields, VectorBatch batch, int row, Span<byte> destination)
    {
        if (fields.Operation is BatchOperation.Decrypt or BatchOperation.EncryptOneWay)
            return 0;
        // A rotated record keeps the field where it was.
        ReadOnlySpan<byte> before = fields.Operation == BatchOperation.Rotate ? "\""u8 : _names.MetadataPrefix;
        before.CopyTo(destination);
        int at = before.Length;
        at += JsonMetadata.Write(batch, row, destination[at..]);
        destination[at++] = (byte)'"';
        return at;
    }
}
