using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using GpuCrypt.Host.Keyrings;

namespace GpuCrypt.Host;

/// <summary>
/// From arguments to an exit code, the same way for every command: a wrong command line is one line and exit code 2, an exception is one
/// line and its exit code, a stack trace is shown only when the environment says <c>GPUCRYPT_DEBUG=1</c>.
/// </summary>
internal static partial class CommandLine
{
    // No response files: a tenant may begin with "@".
    private static readonly ParserConfiguration Parser = new() { ResponseFileTokenReplacer = null };

    /// <summary>Runs the command that the arguments name.</summary>
    public static async Task<int> RunAsync(Command root, string[] args, TextWriter output, TextWriter error)
    {
        try
        {
            ParseResult result = root.Parse(args, Parser);
            if (result.Action is ParseErrorAction)
                throw UsageError(result);
            return await result.InvokeAsync(new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
                // A command that has to finish something after SIGTERM (the service drains) says so itself and sets its own deadline.
                ProcessTerminationTimeout = null,
            }).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The end of the line: whatever it was becomes one line and an exit code.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            bool debug = Environment.GetEnvironmentVariable("GPUCRYPT_DEBUG") == "1";
            foreach (string problem in debug ? [exception.ToString()] : (exception as CommandFailedException)?.Problems ?? [exception.Message])
                await error.WriteLineAsync("gpucrypt: " + (debug ? problem : OneLine(problem))).ConfigureAwait(false);
            return ExitCodeOf(exception);
        }
    }

    /// <summary>The exit code that an exception ends the program with.</summary>
    internal static int ExitCodeOf(Exception exception) => exception switch
    {
        CommandFailedException failed => failed.ExitCode,
        KeyringException => ExitCodes.Usage,
        _ => ExitCodes.Failed,
    };

    private static CommandFailedException UsageError(ParseResult result)
    {
        string name = result.CommandResult.Command.Name;
        for (var parent = result.CommandResult.Parent as CommandResult; parent is not null; parent = parent.Parent as CommandResult)
            name = $"{parent.Command.Name} {name}";
        // Beside a word that is no command, "required command was not provided" says nothing more.
        IEnumerable<ParseError> errors = result.UnmatchedTokens.Count > 0
            ? result.Errors.Where(e => result.UnmatchedTokens.Any(token => e.Message.Contains(token, StringComparison.Ordinal)))
            : result.Errors;
        IEnumerable<string> problems = errors.Select(e => TypeName.Replace(e.Message, ""));
        return CommandFailedException.Usage($"{OneLine(string.Join(' ', problems))} See '{name} --help'.");
    }

    // The library names .NET types where it cannot convert a value, which tells a reader of the command line nothing.
    [GeneratedRegex(" as expected type '[^']*'")]
    private static partial Regex TypeName { get; }

    private static string OneLine(string message) => message.ReplaceLineEndings("; ").TrimEnd(' ', ';');
}
