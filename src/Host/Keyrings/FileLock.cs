namespace GpuCrypt.Host.Keyrings;

/// <summary>
/// Keeps two writers of one file apart, across processes: an exclusive lock on an empty file beside it, given up by the system when the
/// process ends. The lock's file stays: removing it would let a third writer in.
/// </summary>
internal sealed class FileLock : IDisposable
{
    // EWOULDBLOCK: flock(2) found the lock taken.
    private const int WouldBlock = 11;

    private readonly FileStream _stream;

    private FileLock(FileStream stream) => _stream = stream;

    /// <summary>Takes the lock of <paramref name="file"/>.</summary>
    /// <param name="file">The file that will be written.</param>
    /// <param name="what">What it is, for messages.</param>
    /// <param name="patience">How long to wait for another writer; 10 seconds when null.</param>
    /// <exception cref="KeyringException">Another process holds it for too long, or it cannot be made.</exception>
    public static FileLock Take(string file, string what, TimeSpan? patience = null)
    {
        long deadline = Environment.TickCount64 + (long)(patience ?? TimeSpan.FromSeconds(10)).TotalMilliseconds;
        string path = file + ".lock";
        while (true)
        {
            try
            {
                path = PrivateFile.Resolve(file) + ".lock";
                return new FileLock(PrivateFile.Open(path, FileMode.OpenOrCreate, FileShare.None));
            }
            catch (IOException exception) when (exception.HResult == WouldBlock)
            {
                if (Environment.TickCount64 >= deadline)
                    throw new KeyringException($"{file}: another process is writing the {what} ({path} is locked); try again when it is done.", exception);
                Thread.Sleep(5);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw PrivateFile.Unusable(file, what, "write", exception);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();
}
