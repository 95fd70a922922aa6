namespace GpuCrypt.Ingest.Files;

/// <summary>
/// Writes a file's rows from batches that a device is done with, in order. Nothing has the output's name before <see cref="CompleteAsync"/>;
/// a writer that is disposed earlier leaves nothing behind. For one thread at a time.
/// </summary>
public interface IVectorFileWriter : IAsyncDisposable
{
    /// <summary>The rows written as done.</summary>
    long RowsDone { get; }

    /// <summary>The rows that were rejected.</summary>
    long RowsRejected { get; }

    /// <summary>Writes the rows of a batch.</summary>
    ValueTask WriteAsync(FileBatch batch, CancellationToken cancellation = default);

    /// <summary>Brings everything to the disk and gives the files their names.</summary>
    ValueTask CompleteAsync(CancellationToken cancellation = default);
}
