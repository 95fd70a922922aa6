using System.Threading.Channels;
using GpuCrypt.Ingest.Files;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Host.Pipeline;

/// <summary>
/// A file from reader through device to writer, with three batches on the way: one is filled, one is with the device, one is written. The
/// batches are all the memory that a file of any size takes.
/// </summary>
internal sealed class FilePipeline
{
    /// <summary>The batches on the way.</summary>
    public const int BatchCount = 3;

    /// <summary>The elements of a batch, unless one vector has more: 8 MiB in, 8 MiB out.</summary>
    public const int BatchValues = 1 << 21;

    private const int MaxRows = 65536;
    private const int RowsOfUnknownDimension = 8192;

    private readonly IVectorDevice _device;
    private readonly BatchOperation _operation;
    private readonly IvSource _ivSource;

    /// <summary>Creates a pipeline.</summary>
    /// <param name="device">The device; not disposed.</param>
    /// <param name="operation">What is done to the rows.</param>
    /// <param name="ivSource">Where IVs come from when rows are encrypted.</param>
    public FilePipeline(IVectorDevice device, BatchOperation operation, IvSource ivSource)
    {
        _device = device;
        _operation = operation;
        _ivSource = ivSource;
    }

    /// <summary>Runs a file from its first row to its last; completing the writer is left to the caller.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="writer">The writer.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellation">Ends the run early.</param>
    /// <exception cref="VectorFileException">A file is damaged or cannot be written.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public async Task RunAsync(IVectorFileReader reader, IVectorFileWriter writer, ProgressReporter progress, CancellationToken cancellation = default)
    {
        var batches = new FileBatch[BatchCount];
        var free = Channel.CreateBounded<FileBatch>(BatchCount);
        var submitted = Channel.CreateBounded<FileBatch>(BatchCount);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            for (int i = 0; i < BatchCount; i++)
            {
                batches[i] = CreateBatch(reader);
                free.Writer.TryWrite(batches[i]);
            }

            Task[] ends = [Guard(ReadAsync(reader, free.Reader, submitted.Writer, stop.Token), stop), Guard(WriteAsync(reader, writer, submitted.Reader, free.Writer, progress, stop.Token), stop)];
            await WhenAllFirstFault(ends).ConfigureAwait(false);
        }
        finally
        {
            // A batch that is still with the device must come back before its memory goes.
            while (submitted.Reader.TryRead(out FileBatch? batch))
                WaitQuietly(batch);
            foreach (FileBatch? batch in batches)
                batch?.Dispose();
        }
    }

    private FileBatch CreateBatch(IVectorFileReader reader)
    {
        int dimension = reader.Dimension;
        int values = Math.Max(BatchValues, dimension);
        int rows = dimension < 0 ? RowsOfUnknownDimension : Math.Clamp(values / Math.Max(16, dimension), 1, MaxRows);
        // A small file needs no large batches.
        if (reader.TotalRows >= 0)
            rows = (int)Math.Clamp(reader.TotalRows, 1, rows);
        if (dimension >= 0)
            values = (int)Math.Min(values, rows * ((dimension + 15L) / 16 * 16));
        return new FileBatch(new VectorBatch(rows, Math.Max(1, values), _device.Memory) { IvSource = _ivSource });
    }

    private async Task ReadAsync(IVectorFileReader reader, ChannelReader<FileBatch> free, ChannelWriter<FileBatch> submitted, CancellationToken cancellation)
    {
        // Off the caller's thread, so that reading and writing overlap.
        await Task.Yield();
        while (true)
        {
            FileBatch batch = await free.ReadAsync(cancellation).ConfigureAwait(false);
            if (!await reader.FillAsync(batch, cancellation).ConfigureAwait(false))
                break;
            _device.Submit(batch.Vectors, _operation);
            submitted.TryWrite(batch);
        }

        submitted.Complete();
    }

    private async Task WriteAsync(
        IVectorFileReader reader, IVectorFileWriter writer, ChannelReader<FileBatch> submitted, ChannelWriter<FileBatch> free, ProgressReporter progress, CancellationToken cancellation)
    {
        await Task.Yield();
        await foreach (FileBatch batch in submitted.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            _device.Wait(batch.Vectors);
            await writer.WriteAsync(batch, cancellation).ConfigureAwait(false);
            batch.Clear();
            free.TryWrite(batch);
            progress.Report(writer.RowsDone + writer.RowsRejected, reader.TotalRows, reader.BytesRead, reader.TotalBytes);
        }
    }

    private void WaitQuietly(FileBatch batch)
    {
        try
        {
            _device.Wait(batch.Vectors);
        }
        catch (DeviceException)
        {
            // The run has failed already, and says why.
        }
    }

    /// <summary>Stops the other end when one fails.</summary>
    private static async Task Guard(Task task, CancellationTokenSource stop)
    {
        try
        {
            await task.ConfigureAwait(false);
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits for all and throws what went wrong first, not the cancellation that it caused.</summary>
    private static async Task WhenAllFirstFault(Task[] tasks)
    {
        try
        {
            await Task.WhenAll(tasks).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (Array.Find(tasks, task => task.IsFaulted) is not null)
        {
            await Array.Find(tasks, task => task.IsFaulted)!.ConfigureAwait(false);
        }
    }
}
