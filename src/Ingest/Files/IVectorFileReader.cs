namespace GpuCrypt.Ingest.Files;

/// <summary>Reads a file's rows into batches, in order and in constant memory. For one thread at a time.</summary>
public interface IVectorFileReader : IAsyncDisposable
{
    /// <summary>The number of rows; −1 when only reading can tell.</summary>
    long TotalRows { get; }

    /// <summary>The dimension of all rows; −1 when they may differ.</summary>
    int Dimension { get; }

    /// <summary>The size of the file in bytes.</summary>
    long TotalBytes { get; }

    /// <summary>How much of it has been read, in bytes.</summary>
    long BytesRead { get; }

    /// <summary>Fills an empty batch with the next rows.</summary>
    /// <returns>False when there are no more rows; then the batch is empty.</returns>
    /// <exception cref="VectorFileException">The file is damaged: what follows cannot be told apart into rows.</exception>
    ValueTask<bool> FillAsync(FileBatch batch, CancellationToken cancellation = default);
}
