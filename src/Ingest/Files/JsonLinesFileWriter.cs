using GpuCrypt.Ingest.Formats;

namespace GpuCrypt.Ingest.Files;

/// <summary>JSON records, one a line, metadata inside. A rejected line is left out.</summary>
internal sealed class JsonLinesFileWriter : VectorFileWriter
{
    private readonly JsonFormat _format;

    /// <summary>Starts a file.</summary>
    public JsonLinesFileWriter(string file, FileSettings settings)
        : base(file, settings, VectorFileKind.JsonLines) => _format = new JsonFormat(settings.Json);

    protected override void WriteDone(FileBatch batch, in FileRow row)
    {
        ref readonly RecordFields fields = ref batch.Fields(row);
        Span<byte> destination = Output.GetSpan(_format.MaxEncodedSize(fields));
        Output.Advance(_format.Encode(fields, batch.Text(row), batch.Vectors, row.BatchRow, destination));
    }

    protected override void WriteRejected(in FileRow row)
    {
    }

    protected override void WriteText(FileBatch batch, in FileRow row) => Output.Write(batch.Text(row));
}
