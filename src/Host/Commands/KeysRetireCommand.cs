using System.CommandLine;
using GpuCrypt.Host.Keyrings;

namespace GpuCrypt.Host.Commands;

/// <summary><c>gpucrypt keys retire</c>: drops the secret in rotation, for good or into a file of its own.</summary>
internal static class KeysRetireCommand
{
    public static Command Create()
    {
        var keyring = new KeyringOptions();
        Option<string> path = KeysCommand.PathOption();
        Option<uint?> id = KeysCommand.IdOption("The id of the secret in rotation.", required: true);
        var save = new Option<string?>("--save")
        {
            Description = "Write the retired secret to a new keyring of its own, sealed as this one is, from which old ciphertexts can still be decrypted.",
            HelpName = "FILE",
        };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask." };
        var command = new Command("retire", "Drop the secret in rotation: nothing under it can be decrypted with this keyring any more.") { path, id, save, yes };
        keyring.AddTo(command);
        command.SetAction(result =>
        {
            string file = keyring.File(result), name = result.GetValue(path)!;
            uint retiredId = result.GetValue(id)!.Value;
            string? saveTo = result.GetValue(save);
            TextWriter error = result.InvocationConfiguration.Error;
            KeyringFile.Edit(file, keyring.Source(result), (edited, sealing) =>
            {
                SecretPath from = edited.Path(name);
                using KeyringSecret retired = from.Retire(retiredId);
                if (!result.GetValue(yes))
                    Confirm(retiredId, name, error);
                if (saveTo is null)
                    return;
                using var saved = new Keyring(saveTo, isSealed: false, [new SecretPath(name, from.ApproximationFactor, from.Scaling, retired.Copy())]);
                KeyringFile.Create(saved, saveTo, sealing);
            });
            result.InvocationConfiguration.Output.WriteLine(
                $"{file}: secret {retiredId} of secret path '{name}' is retired{(saveTo is null ? "" : $" and kept in {saveTo}")}. Backups of the keyring still hold it.");
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Confirm(uint id, string path, TextWriter error)
    {
        if (Console.IsInputRedirected)
            throw CommandFailedException.Usage($"Retiring secret {id} of secret path '{path}' cannot be undone: say --yes to do it without being asked.");
        error.Write($"What is still encrypted under secret {id} of secret path '{path}' cannot be decrypted afterwards. Retire it? [y/N] ");
        if (Console.ReadLine()?.Trim() is not ("y" or "Y" or "yes"))
            throw new CommandFailedException("Nothing was changed.");
    }
}
