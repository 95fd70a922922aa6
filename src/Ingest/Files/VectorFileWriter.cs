using GpuCrypt.Ingest.Formats;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Ingest.Files;

/// <summary>What writers of all kinds do alike: order, rejects, names at the end.</summary>
internal abstract class VectorFileWriter : IVectorFileWriter
{
    private readonly RejectsFile _rejects;
    private readonly string? _staleMetadata;

    protected VectorFileWriter(string file, FileSettings settings, VectorFileKind kind)
    {
        Settings = settings;
        _staleMetadata = kind == VectorFileKind.JsonLines || settings.WritesMetadata ? null : VectorFileNames.Metadata(file);
        _rejects = new RejectsFile(file, kind == VectorFileKind.JsonLines ? "line" : "row", settings.Overwrite);
        Output = new OutputFile(file, settings.WritesPlaintext, settings.Overwrite);
    }

    public long RowsDone { get; private set; }

    public long RowsRejected => _rejects.Count;

    protected FileSettings Settings { get; }

    protected OutputFile Output { get; }

    /// <summary>The metadata beside the output; null when there is none.</summary>
    protected OutputFile? Metadata { get; init; }

    public async ValueTask WriteAsync(FileBatch batch, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        for (int i = 0; i < batch.Rows.Length; i++)
        {
            WriteRow(batch, i);
            if (Output.NeedsFlush)
                await Output.FlushAsync(cancellation).ConfigureAwait(false);
            if (Metadata is { NeedsFlush: true })
                await Metadata.FlushAsync(cancellation).ConfigureAwait(false);
            await _rejects.FlushAsync(cancellation).ConfigureAwait(false);
        }
    }

    public async ValueTask CompleteAsync(CancellationToken cancellation = default)
    {
        await _rejects.CompleteAsync(cancellation).ConfigureAwait(false);
        if (Metadata is not null)
            await Metadata.CompleteAsync(cancellation).ConfigureAwait(false);
        await Output.CompleteAsync(cancellation).ConfigureAwait(false);
        // The output comes last: where it is, what belongs to it is.
        _rejects.Rename();
        if (Metadata is not null)
            Metadata.Rename();
        else if (Settings.Overwrite && _staleMetadata is not null)
            File.Delete(_staleMetadata);
        Output.Rename();
    }

    public async ValueTask DisposeAsync()
    {
        await _rejects.DisposeAsync().ConfigureAwait(false);
        if (Metadata is not null)
            await Metadata.DisposeAsync().ConfigureAwait(false);
        await Output.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Writes a row that is done.</summary>
    protected abstract void WriteDone(FileBatch batch, in FileRow row);

    /// <summary>Writes what stands in the place of a rejected row.</summary>
    protected abstract void WriteRejected(in FileRow row);

    /// <summary>Writes a row that has no vector.</summary>
    protected virtual void WriteText(FileBatch batch, in FileRow row) => throw new NotSupportedException();

    private void WriteRow(FileBatch batch, int index)
    {
        ref readonly FileRow row = ref batch.Rows[index];
        Rejection rejection = row.Rejection;
        if (row.BatchRow >= 0 && batch.Vectors.Status(row.BatchRow) is var status && status != RowStatus.Ok)
            rejection = Rejection.FromStatus(status, -1);
        if (rejection.Reason != RejectReason.None)
        {
            _rejects.Add(row, rejection);
            WriteRejected(row);
        }
        else if (row.BatchRow >= 0)
        {
            WriteDone(batch, row);
            RowsDone++;
        }
        else
        {
            WriteText(batch, row);
        }
    }
}
