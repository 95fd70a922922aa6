namespace GpuCrypt.Host.Keyrings;

/// <summary>
/// A keyring, a way to unseal it or a file beside it is wrong or cannot be used. The message is one line with the file and, for its
/// content, line, column and JSON path; it never holds any part of a secret. The program ends with <see cref="ExitCodes.Usage"/>.
/// </summary>
internal sealed class KeyringException : Exception
{
    /// <summary>Creates the exception.</summary>
    public KeyringException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
