using System.CommandLine;
using GpuCrypt.Host.Keyrings;

namespace GpuCrypt.Host.Commands;

/// <summary>The options with which every command finds a keyring and opens a sealed one.</summary>
internal sealed class KeyringOptions
{
    /// <summary>The environment variable that names the keyring where <c>--keyring</c> does not.</summary>
    public const string FileVariable = "GPUCRYPT_KEYRING";

    private readonly Option<string?> _file = new("--keyring", "-k")
    {
        Description = $"The keyring's file. Default: the environment variable {FileVariable}.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _passphraseEnv = new("--passphrase-env")
    {
        Description = "Environment variable with a sealed keyring's passphrase.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _passphraseFile = new("--passphrase-file")
    {
        Description = "File, closed to others, whose first line is a sealed keyring's passphrase.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _kekEnv = new("--kek-env")
    {
        Description = "Environment variable with a sealed keyring's key-encryption key (64 hexadecimal digits or base64).",
        HelpName = "NAME",
    };

    private readonly Option<string?> _kekFile = new("--kek-file")
    {
        Description = "File, closed to others, with a sealed keyring's key-encryption key (as above, or 32 bytes).",
        HelpName = "FILE",
    };

    private readonly Option<string?> _kekCommand = new("--kek-command")
    {
        Description = "Shell command that writes a sealed keyring's key-encryption key to its standard output.",
        HelpName = "CMD",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_file);
        command.Options.Add(_passphraseEnv);
        command.Options.Add(_passphraseFile);
        command.Options.Add(_kekEnv);
        command.Options.Add(_kekFile);
        command.Options.Add(_kekCommand);
    }

    /// <summary>The keyring's file.</summary>
    /// <exception cref="CommandFailedException">None was named.</exception>
    public string File(ParseResult result) => FileOrNull(result)
        ?? throw CommandFailedException.Usage($"No keyring: name it with --keyring FILE or in the environment variable {FileVariable}; gpucrypt keys new makes one.");

    /// <summary>The keyring's file, or null when none was named.</summary>
    public string? FileOrNull(ParseResult result) =>
        Given(result.GetValue(_file)) ?? Given(Environment.GetEnvironmentVariable(FileVariable));

    /// <summary>Loads the keyring.</summary>
    /// <exception cref="CommandFailedException">The options are wrong.</exception>
    /// <exception cref="KeyringException">See <see cref="Keyring.Load"/>.</exception>
    public Keyring Open(ParseResult result) => Keyring.Load(File(result), Source(result));

    /// <summary>Where to take the passphrase or key from: the option given, or else the terminal when there is one, or null.</summary>
    /// <exception cref="CommandFailedException">Several options are given.</exception>
    public UnsealSource? Source(ParseResult result) =>
        ExplicitSource(result) ?? (PassphrasePrompt.IsPossible ? UnsealSource.PassphraseFromTerminal(result.InvocationConfiguration.Error) : null);

    /// <summary>As <see cref="Source"/>, without the terminal.</summary>
    public UnsealSource? ExplicitSource(ParseResult result)
    {
        (Option<string?> Option, Func<string, UnsealSource> Make)[] all =
        [
            (_passphraseEnv, UnsealSource.PassphraseFromEnvironment),
            (_passphraseFile, UnsealSource.PassphraseFromFile),
            (_kekEnv, UnsealSource.KeyFromEnvironment),
            (_kekFile, UnsealSource.KeyFromFile),
            (_kekCommand, UnsealSource.KeyFromCommand),
        ];
        (Option<string?> Option, Func<string, UnsealSource> Make)[] given = [.. all.Where(o => result.GetResult(o.Option) is not null)];
        return given.Length switch
        {
            0 => null,
            1 => given[0].Make(result.GetValue(given[0].Option)!),
            _ => throw CommandFailedException.Usage($"Give one of {string.Join(" and ", given.Select(o => o.Option.Name))}, not both."),
        };
    }

    private static string? Given(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
