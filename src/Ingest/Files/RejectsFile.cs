using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using GpuCrypt.Ingest.Formats;

namespace GpuCrypt.Ingest.Files;

/// <summary>The list of rejected rows beside an output: one JSON object a line with place, reason and detail, never a value. Made with the first of them.</summary>
internal sealed class RejectsFile : IAsyncDisposable
{
    private readonly string _file;
    private readonly bool _overwrite;
    private readonly string _placeName;
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly Utf8JsonWriter _writer;
    private OutputFile? _output;

    /// <summary>Prepares the list.</summary>
    /// <param name="outputFile">The file beside which it will lie.</param>
    /// <param name="placeName"><c>row</c> or <c>line</c>.</param>
    /// <param name="overwrite">Whether it may replace a file.</param>
    public RejectsFile(string outputFile, string placeName, bool overwrite)
    {
        _file = VectorFileNames.Rejects(outputFile);
        _placeName = placeName;
        _overwrite = overwrite;
        // The file is read by people and JSON readers, never put into HTML.
        _writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    /// <summary>The rows listed.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a row.</summary>
    public void Add(in FileRow row, in Rejection rejection)
    {
        _output ??= new OutputFile(_file, isPrivate: false, _overwrite);
        _buffer.ResetWrittenCount();
        _writer.Reset();
        _writer.WriteStartObject();
        _writer.WriteNumber(_placeName, row.Number);
        _writer.WriteNumber("offset"u8, row.Offset);
        _writer.WriteString("reason"u8, rejection.Reason.Name());
        _writer.WriteString("detail"u8, rejection.Detail());
        _writer.WriteEndObject();
        _writer.Flush();
        _output.Write(_buffer.WrittenSpan);
        _output.Write("\n"u8);
        Count++;
    }

    /// <summary>Hands a large part of the list to the system.</summary>
    public ValueTask FlushAsync(CancellationToken cancellation) =>
        _output is { NeedsFlush: true } ? _output.FlushAsync(cancellation) : ValueTask.CompletedTask;

    /// <summary>Brings the list to the disk.</summary>
    public ValueTask CompleteAsync(CancellationToken cancellation) => _output?.CompleteAsync(cancellation) ?? ValueTask.CompletedTask;

    /// <summary>Gives the list its name, or removes an older one when there is nothing to list.</summary>
    public void Rename()
    {
        if (_output is not null)
            _output.Rename();
        else if (_overwrite)
            File.Delete(_file);
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync().ConfigureAwait(false);
        if (_output is not null)
            await _output.DisposeAsync().ConfigureAwait(false);
    }
}
