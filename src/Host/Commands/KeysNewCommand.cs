using System.CommandLine;
using System.Globalization;
using GpuCrypt.Host.Keyrings;

namespace GpuCrypt.Host.Commands;

/// <summary><c>gpucrypt keys new</c>: makes a keyring, or adds a secret path to one.</summary>
internal static class KeysNewCommand
{
    private const float DefaultApproximationFactor = 1f;

    public static Command Create()
    {
        var keyring = new KeyringOptions();
        Option<string> path = KeysCommand.PathOption();
        var factor = new Option<float>("--approximation-factor")
        {
            Description = "How much noise hides the vectors, β: the noise's length is a quarter of it, in units of the vectors' own. More hides more and blurs the order of neighbours more.",
            HelpName = "B",
            DefaultValueFactory = _ => DefaultApproximationFactor,
            CustomParser = result =>
            {
                if (float.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) && float.IsFinite(value) && !float.IsNegative(value))
                    return value;
                result.AddError("--approximation-factor is a number from 0 to 3.4e38.");
                return 0f;
            },
        };
        var scaling = new Option<bool>("--scaling") { Description = "Multiply plaintexts by the key's scaling factor, as the format's older versions did." };
        Option<uint?> id = KeysCommand.IdOption("The id that ciphertexts carry. Default: 1.");
        var command = new Command("new", "Make a keyring (mode 0600; sealed when a way to seal it is given), or add a secret path to one.") { path, factor, scaling, id };
        keyring.AddTo(command);
        command.SetAction(result =>
        {
            string file = keyring.File(result);
            var made = new SecretPath(
                result.GetValue(path)!, result.GetValue(factor), result.GetValue(scaling), KeyringSecret.Generate(result.GetValue(id) ?? 1));
            bool add = File.Exists(file);
            if (add)
            {
                try
                {
                    KeyringFile.Edit(file, keyring.Source(result), (edited, _) => edited.Add(made));
                }
                finally
                {
                    made.Dispose();
                }
            }
            else
            {
                using var created = new Keyring(file, isSealed: false, [made]);
                using SealingSecret? secret = keyring.ExplicitSource(result) is UnsealSource source ? KeyringFile.ObtainToSeal(source) : null;
                KeyringFile.Create(created, file, secret);
            }

            result.InvocationConfiguration.Output.WriteLine(
                $"{file}: {(add ? "added" : "made, with")} secret path '{made.Name}', secret {made.Current.Id}, approximation factor {made.ApproximationFactor}, scaling {(made.Scaling ? "on" : "off")}. Back the file up: what it encrypts is lost without it.");
            return ExitCodes.Done;
        });
        return command;
    }
}
