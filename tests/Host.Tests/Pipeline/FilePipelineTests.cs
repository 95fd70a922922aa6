using GpuCrypt.Host.Pipeline;
using GpuCrypt.Ingest.Files;
using GpuCrypt.Ingest.Formats;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Host.Tests.Pipeline;

/// <summary>The pipeline with files and devices that fail: it ends with what went wrong first, in bounded time.</summary>
public sealed class FilePipelineTests : IDisposable, IFileKeys
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly VectorKey _key = VectorKey.Derive(1, new byte[32], "tenant", "path", 1f, scaling: false);
    private readonly IVectorDevice _device = DeviceCatalog.Open("cpu", 1);
    private readonly ProgressReporter _progress = new(TextWriter.Null, "test", isTerminal: false);

    public FilePipelineTests()
    {
        // Several batches' worth.
        using FileStream file = File.Create(_folder["p.fvecs"]);
        for (int i = 0; i < 40_000; i++)
            file.Write([4, 0, 0, 0, .. new byte[16]]);
    }

    public void Dispose()
    {
        _device.Dispose();
        _key.Dispose();
        _folder.Dispose();
    }

    public bool TryAdd(in FileKeyRequest request, VectorBatch batch, out int keyIndex, out Rejection rejection)
    {
        keyIndex = batch.Keys.Add(_key);
        rejection = default;
        return true;
    }

    [Fact]
    public async Task Rows_pass_in_order_through_three_batches()
    {
        (IVectorFileReader reader, IVectorFileWriter writer) = Open();
        await using (reader)
        await using (writer)
        {
            var watched = new WatchedWriter(writer);
            await new FilePipeline(_device, BatchOperation.Encrypt, IvSource.Random).RunAsync(reader, watched, _progress).WaitAsync(Limit);
            Assert.Equal(Enumerable.Range(0, 40_000).Select(i => (long)i), watched.Numbers);
            Assert.InRange(watched.Batches.Count, 1, FilePipeline.BatchCount);
            Assert.Equal(40_000, writer.RowsDone);
        }
    }

    [Fact]
    public async Task A_writer_that_fails_ends_the_run_with_its_fault()
    {
        (IVectorFileReader reader, IVectorFileWriter writer) = Open();
        await using (reader)
        await using (writer)
        {
            var failing = new WatchedWriter(writer) { FailAfter = 2 };
            var exception = await Assert.ThrowsAsync<VectorFileException>(() => new FilePipeline(_device, BatchOperation.Encrypt, IvSource.Random).RunAsync(reader, failing, _progress).WaitAsync(Limit));
            Assert.Equal("disk full", exception.Message);
        }
    }

    [Fact]
    public async Task A_file_that_is_damaged_far_in_ends_the_run_with_its_fault()
    {
        File.AppendAllText(_folder["p.fvecs"], "x");
        (IVectorFileReader reader, IVectorFileWriter writer) = Open();
        await using (reader)
        await using (writer)
        {
            var exception = await Assert.ThrowsAsync<VectorFileException>(() => new FilePipeline(_device, BatchOperation.Encrypt, IvSource.Random).RunAsync(reader, writer, _progress).WaitAsync(Limit));
            Assert.Contains("row 40000 at byte 800000", exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_device_that_fails_ends_the_run_with_its_fault()
    {
        (IVectorFileReader reader, IVectorFileWriter writer) = Open();
        await using (reader)
        await using (writer)
        using (var failing = new FailingDevice(_device))
        {
            var exception = await Assert.ThrowsAsync<DeviceException>(() => new FilePipeline(failing, BatchOperation.Encrypt, IvSource.Random).RunAsync(reader, writer, _progress).WaitAsync(Limit));
            Assert.Equal("lost", exception.Message);
        }
    }

    [Fact]
    public async Task A_run_can_be_cancelled()
    {
        (IVectorFileReader reader, IVectorFileWriter writer) = Open();
        await using (reader)
        await using (writer)
        {
            using var stop = new CancellationTokenSource();
            var watched = new WatchedWriter(writer) { OnBatch = stop.Cancel };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new FilePipeline(_device, BatchOperation.Encrypt, IvSource.Random).RunAsync(reader, watched, _progress, stop.Token).WaitAsync(Limit));
        }

        Assert.Equal(["p.fvecs"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
    }

    private (IVectorFileReader Reader, IVectorFileWriter Writer) Open() => VectorFile.Open(_folder["p.fvecs"], _folder["c.fvecs"], new FileSettings(), this);

    private sealed class WatchedWriter(IVectorFileWriter inner) : IVectorFileWriter
    {
        private int _written;

        public int FailAfter { get; init; } = int.MaxValue;

        public Action? OnBatch { get; init; }

        public List<long> Numbers { get; } = [];

        public HashSet<FileBatch> Batches { get; } = [];

        public long RowsDone => inner.RowsDone;

        public long RowsRejected => inner.RowsRejected;

        public ValueTask WriteAsync(FileBatch batch, CancellationToken cancellation)
        {
            if (++_written > FailAfter)
                throw new VectorFileException("disk full");
            OnBatch?.Invoke();
            foreach (FileRow row in batch.Rows)
                Numbers.Add(row.Number);
            Batches.Add(batch);
            return inner.WriteAsync(batch, cancellation);
        }

        public ValueTask CompleteAsync(CancellationToken cancellation) => inner.CompleteAsync(cancellation);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>A device that loses its second batch.</summary>
    private sealed class FailingDevice(IVectorDevice inner) : IVectorDevice
    {
        private int _waited;

        public DeviceDescription Description => inner.Description;

        public BatchMemory Memory => inner.Memory;

        public void Submit(VectorBatch batch, BatchOperation operation) => inner.Submit(batch, operation);

        public void Wait(VectorBatch batch)
        {
            inner.Wait(batch);
            if (Interlocked.Increment(ref _waited) == 2)
                throw new DeviceException("lost");
        }

        public void Dispose()
        {
        }
    }
}
