using System.CommandLine;
using GpuCrypt.Host.Keyrings;

namespace GpuCrypt.Host.Commands;

/// <summary><c>gpucrypt keys rotate</c>: a new current secret; the old one decrypts until it is retired.</summary>
internal static class KeysRotateCommand
{
    public static Command Create()
    {
        var keyring = new KeyringOptions();
        Option<string> path = KeysCommand.PathOption();
        Option<uint?> id = KeysCommand.IdOption("The new secret's id. Default: one more than the highest used.");
        var command = new Command("rotate", "Make a new secret that encrypts from now on; the old one stays for decryption, in rotation.") { path, id };
        keyring.AddTo(command);
        command.SetAction(result =>
        {
            string file = keyring.File(result), name = result.GetValue(path)!;
            string line = "";
            KeyringFile.Edit(file, keyring.Source(result), (edited, _) =>
            {
                SecretPath rotated = edited.Path(name);
                rotated.Rotate(result.GetValue(id));
                line = $"{file}: secret path '{name}' encrypts with secret {rotated.Current.Id} now; secret {rotated.InRotation!.Id} is in rotation and still decrypts. "
                    + "Restart what runs with this keyring, re-encrypt what is under the old secret, then retire it. Back the file up.";
            });
            result.InvocationConfiguration.Output.WriteLine(line);
            return ExitCodes.Done;
        });
        return command;
    }
}
