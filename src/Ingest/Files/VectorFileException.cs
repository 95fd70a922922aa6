namespace GpuCrypt.Ingest.Files;

/// <summary>A file cannot be read or written as a whole. The message is one line: file, row or line, byte, what was expected and found.</summary>
public sealed class VectorFileException : Exception
{
    /// <summary>Creates an exception without a message.</summary>
    public VectorFileException()
    {
    }

    /// <summary>Creates an exception with one line that says what is wrong and where.</summary>
    public VectorFileException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with its cause.</summary>
    public VectorFileException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
