using System.CommandLine;
using GpuCrypt.Host.Keyrings;

namespace GpuCrypt.Host.Commands;

/// <summary><c>gpucrypt keys seal</c> and <c>unseal</c>: encrypts a keyring's file under a passphrase or key-encryption key, and back.</summary>
internal static class KeysSealCommand
{
    public static Command CreateSeal()
    {
        var keyring = new KeyringOptions();
        var command = new Command("seal", "Encrypt the keyring's file under a passphrase (asked for at a terminal unless given) or a key-encryption key.");
        keyring.AddTo(command);
        command.SetAction(result =>
        {
            string file = keyring.File(result);
            UnsealSource source = keyring.Source(result)
                ?? throw CommandFailedException.Usage("Nothing to seal the keyring with: give --passphrase-env, --passphrase-file, --kek-env, --kek-file or --kek-command, or run this at a terminal.");
            KeyringFile.Seal(file, source);
            result.InvocationConfiguration.Output.WriteLine(
                $"{file}: sealed. Without the passphrase or key nothing opens it; keep that apart from the file. Copies made before are not sealed.");
            return ExitCodes.Done;
        });
        return command;
    }

    public static Command CreateUnseal()
    {
        var keyring = new KeyringOptions();
        var command = new Command("unseal", "Take the seal off: the file holds the secrets in the clear again, with mode 0600.");
        keyring.AddTo(command);
        command.SetAction(result =>
        {
            string file = keyring.File(result);
            KeyringFile.Unseal(file, keyring.Source(result));
            result.InvocationConfiguration.Output.WriteLine($"{file}: no longer sealed.");
            return ExitCodes.Done;
        });
        return command;
    }
}
