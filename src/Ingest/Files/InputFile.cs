namespace GpuCrypt.Ingest.Files;

/// <summary>Files to read. Stateless.</summary>
internal static class InputFile
{
    /// <summary>Opens a regular file for reading front to back.</summary>
    /// <exception cref="VectorFileException">It is not there, not readable, or no regular file.</exception>
    public static FileStream Open(string file)
    {
        try
        {
            var stream = new FileStream(file, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.Read, BufferSize = 0, Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
            if (stream.CanSeek)
                return stream;
            stream.Dispose();
            throw new VectorFileException($"{file}: a pipe or device, expected a regular file.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new VectorFileException($"{file}: cannot be read: {Why(exception, file)}", exception);
        }
    }

    /// <summary>An operating system's error as the end of a sentence.</summary>
    public static string Why(Exception exception, string file) => exception switch
    {
        FileNotFoundException => "there is no such file.",
        DirectoryNotFoundException => "there is no such folder.",
        _ when Directory.Exists(file) => "it is a folder.",
        UnauthorizedAccessException => "no permission.",
        _ => exception.Message,
    };
}
