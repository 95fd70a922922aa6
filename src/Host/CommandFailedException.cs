namespace GpuCrypt.Host;

/// <summary>Ends a command with a line a problem on standard error and an exit code. The message says what failed and what to do; never a secret.</summary>
internal sealed class CommandFailedException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">One line for the person at the terminal.</param>
    /// <param name="exitCode">One of <see cref="ExitCodes"/>.</param>
    /// <param name="innerException">The cause, shown only with <c>GPUCRYPT_DEBUG=1</c>.</param>
    public CommandFailedException(string message, int exitCode = ExitCodes.Failed, Exception? innerException = null)
        : base(message, innerException)
    {
        ExitCode = exitCode;
        Problems = [message];
    }

    private CommandFailedException(IReadOnlyList<string> problems, int exitCode)
        : base(string.Join('\n', problems))
    {
        ExitCode = exitCode;
        Problems = problems;
    }

    /// <summary>The exit code.</summary>
    public int ExitCode { get; }

    /// <summary>What failed: as a rule one thing, several where all mistakes of a file are told together. A line each.</summary>
    public IReadOnlyList<string> Problems { get; }

    /// <summary>The command line or configuration is wrong.</summary>
    public static CommandFailedException Usage(string message, Exception? innerException = null) => new(message, ExitCodes.Usage, innerException);

    /// <summary>The configuration is wrong in several ways.</summary>
    public static CommandFailedException Usage(IReadOnlyList<string> problems) => new(problems, ExitCodes.Usage);
}
