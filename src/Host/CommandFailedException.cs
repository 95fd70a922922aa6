namespace GpuCrypt.Host;

/// <summary>Ends a command with one line on standard error and an exit code. The message says what failed and what to do; never a secret.</summary>
internal sealed class CommandFailedException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">One line for the person at the terminal.</param>
    /// <param name="exitCode">One of <see cref="ExitCodes"/>.</param>
    /// <param name="innerException">The cause, shown only with <c>GPUCRYPT_DEBUG=1</c>.</param>
    public CommandFailedException(string message, int exitCode = ExitCodes.Failed, Exception? innerException = null)
        : base(message, innerException) => ExitCode = exitCode;

    /// <summary>The exit code.</summary>
    public int ExitCode { get; }

    /// <summary>The command line or configuration is wrong.</summary>
    public static CommandFailedException Usage(string message) => new(message, ExitCodes.Usage);
}
