using System.IO.Pipelines;

namespace GpuCrypt.Ingest.Files;

/// <summary>A file that has its name only when it is whole: written under another name in the same folder, renamed at the end. For one thread at a time.</summary>
internal sealed class OutputFile : IAsyncDisposable
{
    private const int FlushSize = 1 << 20;

    private readonly string _temporary;
    private readonly bool _overwrite;
    private readonly FileStream _stream;
    private long _unflushed;
    private bool _completed;
    private bool _renamed;

    /// <summary>Starts a file.</summary>
    /// <param name="file">The name it will have.</param>
    /// <param name="isPrivate">Whether only its owner may read it (mode 0600).</param>
    /// <param name="overwrite">Whether it may replace a file.</param>
    /// <exception cref="VectorFileException">It cannot be made.</exception>
    public OutputFile(string file, bool isPrivate, bool overwrite)
    {
        Name = file;
        _overwrite = overwrite;
        _temporary = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, $".{Path.GetFileName(file)}.{Guid.NewGuid():N}.tmp");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0, Options = FileOptions.Asynchronous };
        if (isPrivate && !OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            _stream = new FileStream(_temporary, options);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new VectorFileException($"{file}: cannot be written: {InputFile.Why(exception, file)}", exception);
        }

        Pipe = PipeWriter.Create(_stream, new StreamPipeWriterOptions(minimumBufferSize: 1 << 16, leaveOpen: true));
    }

    /// <summary>The name that the file will have.</summary>
    public string Name { get; }

    private PipeWriter Pipe { get; }

    /// <summary>Memory to write into; <see cref="Advance"/> says how much of it was used.</summary>
    public Span<byte> GetSpan(int size) => Pipe.GetSpan(size);

    /// <summary>Takes what was written.</summary>
    public void Advance(int size)
    {
        Pipe.Advance(size);
        _unflushed += size;
    }

    /// <summary>Writes bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            Span<byte> span = GetSpan(1);
            int size = Math.Min(span.Length, bytes.Length);
            bytes[..size].CopyTo(span);
            Advance(size);
            bytes = bytes[size..];
        }
    }

    /// <summary>Whether enough is waiting for it to be handed to the system.</summary>
    public bool NeedsFlush => _unflushed >= FlushSize;

    /// <summary>Hands what was written to the system.</summary>
    /// <exception cref="VectorFileException">The system does not take it.</exception>
    public async ValueTask FlushAsync(CancellationToken cancellation)
    {
        try
        {
            await Pipe.FlushAsync(cancellation).ConfigureAwait(false);
            _unflushed = 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new VectorFileException($"{Name}: cannot be written: {exception.Message}", exception);
        }
    }

    /// <summary>Brings all of it to the disk; the file still has its other name.</summary>
    public async ValueTask CompleteAsync(CancellationToken cancellation)
    {
        await FlushAsync(cancellation).ConfigureAwait(false);
        try
        {
            await Pipe.CompleteAsync().ConfigureAwait(false);
            _stream.Flush(flushToDisk: true);
            await _stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new VectorFileException($"{Name}: cannot be written: {exception.Message}", exception);
        }

        _completed = true;
    }

    /// <summary>Gives the file its name.</summary>
    /// <exception cref="VectorFileException">There is a file of that name that must not be replaced, or the system refuses.</exception>
    public void Rename()
    {
        if (!_completed)
            throw new InvalidOperationException("The file is not complete.");
        try
        {
            File.Move(_temporary, Name, _overwrite);
            _renamed = true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new VectorFileException($"{Name}: cannot be written: {exception.Message}", exception);
        }
    }

    /// <summary>Removes a file that nothing has been written to yet.</summary>
    public void Abandon()
    {
        _stream.Dispose();
        File.Delete(_temporary);
    }

    /// <summary>Removes the file unless it has its name.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_completed)
        {
            await Pipe.CompleteAsync(new OperationCanceledException()).ConfigureAwait(false);
            await _stream.DisposeAsync().ConfigureAwait(false);
        }

        if (!_renamed)
            File.Delete(_temporary);
    }
}
