using System.Diagnostics;
using System.Text;

namespace GpuCrypt.Host.Keyrings;

/// <summary>
/// Where a sealed keyring's passphrase or key-encryption key is taken from. Nothing is read before it is needed. What the system hands
/// over as a string (environment variables) stays in the process's memory; files, commands and the terminal leave nothing behind.
/// </summary>
internal sealed class UnsealSource
{
    private static readonly TimeSpan CommandLimit = TimeSpan.FromSeconds(60);

    private readonly Func<bool, SealingSecret> _obtain;

    private UnsealSource(string description, bool isPrompt, Func<bool, SealingSecret> obtain)
    {
        Description = description;
        IsPrompt = isPrompt;
        _obtain = obtain;
    }

    /// <summary>The source in words: <c>environment variable KEK</c>.</summary>
    public string Description { get; }

    /// <summary>True for the terminal, which serves where nothing else was said and says nothing about whether the keyring ought to be sealed.</summary>
    public bool IsPrompt { get; }

    /// <summary>A passphrase in an environment variable.</summary>
    public static UnsealSource PassphraseFromEnvironment(string variable)
    {
        string origin = $"environment variable {variable}";
        return new(origin, false, _ => Passphrase(FromEnvironment(variable, origin), origin));
    }

    /// <summary>A passphrase in the first line of a file that others cannot read.</summary>
    public static UnsealSource PassphraseFromFile(string file) => new(file, false, _ => Passphrase(FirstLine(PrivateFile.Read(file, "passphrase file")), file));

    /// <summary>A passphrase typed at the terminal.</summary>
    public static UnsealSource PassphraseFromTerminal(TextWriter prompt) =>
        new("the terminal", true, confirm => Passphrase(PassphrasePrompt.Read(prompt, confirm), "the terminal"));

    /// <summary>A key-encryption key in an environment variable.</summary>
    public static UnsealSource KeyFromEnvironment(string variable)
    {
        string origin = $"environment variable {variable}";
        return new(origin, false, _ => Key(FromEnvironment(variable, origin), origin, allowRaw: false));
    }

    /// <summary>A key-encryption key in a file that others cannot read.</summary>
    public static UnsealSource KeyFromFile(string file) => new(file, false, _ => Key(PrivateFile.Read(file, "key-encryption key file"), file, allowRaw: true));

    /// <summary>A key-encryption key from a command's standard output, run by <c>/bin/sh -c</c>, in at most a minute.</summary>
    public static UnsealSource KeyFromCommand(string command)
    {
        const string Origin = "the key-encryption key's command";
        return new(Origin, false, _ => Key(FromCommand(command, Origin), Origin, allowRaw: true));
    }

    /// <summary>Reads the passphrase or key; the caller disposes it.</summary>
    /// <param name="confirm">Whether a person is asked twice.</param>
    /// <exception cref="KeyringException">It is not there or not what it should be.</exception>
    public SealingSecret Obtain(bool confirm = false) => _obtain(confirm);

    private static SealingSecret Passphrase(SecretBytes bytes, string origin)
    {
        if (bytes.Length > 0)
            return new SealingSecret(SealingKind.Passphrase, bytes, origin);
        bytes.Dispose();
        throw new KeyringException($"{origin}: the passphrase is empty.");
    }

    private static SealingSecret Key(SecretBytes content, string origin, bool allowRaw) =>
        new(SealingKind.Key, KeyEncryptionKey.Parse(content, origin, allowRaw), origin);

    private static SecretBytes FromEnvironment(string variable, string origin)
    {
        string value = Environment.GetEnvironmentVariable(variable) ?? throw new KeyringException($"{origin} is not set.");
        var bytes = new SecretBytes(Encoding.UTF8.GetByteCount(value));
        Encoding.UTF8.GetBytes(value, bytes.Span);
        return bytes;
    }

    private static SecretBytes FirstLine(SecretBytes content)
    {
        int end = content.Span.IndexOfAny((byte)'\r', (byte)'\n');
        if (end >= 0)
            content.Shrink(end);
        return content;
    }

    private static SecretBytes FromCommand(string command, string origin)
    {
        // Far more than any form of a key; a command that says more is the wrong command.
        var bytes = new SecretBytes(4096);
        try
        {
            using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { RedirectStandardOutput = true })
                ?? throw new KeyringException($"{origin}: /bin/sh did not start.");
            using var limit = new CancellationTokenSource(CommandLimit);
            using CancellationTokenRegistration stop = limit.Token.Register(() => process.Kill(entireProcessTree: true));
            Stream output = process.StandardOutput.BaseStream;
            int length = 0;
            for (int read; (read = output.Read(bytes.Span[length..])) > 0;)
                length += read;
            if (length == bytes.Length)
                process.Kill(entireProcessTree: true);
            process.WaitForExit();
            if (limit.IsCancellationRequested)
                throw new KeyringException($"{origin} was not done after {CommandLimit.TotalSeconds:0} seconds.");
            if (length == bytes.Length)
                throw new KeyringException($"{origin} writes far more than a key.");
            if (process.ExitCode != 0)
                throw new KeyringException($"{origin} ended with exit code {process.ExitCode}.");
            bytes.Shrink(length);
            return bytes;
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }
}
