using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using GpuCrypt.Host.Keyrings;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Host.Commands;

/// <summary><c>gpucrypt keys check</c>: whether a keyring can be relied on.</summary>
internal static class KeysCheckCommand
{
    private const int SelfCheckDimension = 64;
    private const int LargestDimension = 1 << 20;

    public static Command Create()
    {
        var keyring = new KeyringOptions();
        var path = new Option<string?>("--path") { Description = "Check this secret path alone.", HelpName = "NAME" };
        path.Validators.Add(KeysCommand.CheckPath);
        var dimensions = new Option<int[]>("--dimension")
        {
            Description = "Dimensions whose shuffles are checked for ties, for the tenants given.",
            HelpName = "N",
            AllowMultipleArgumentsPerToken = true,
            CustomParser = result =>
            {
                var values = new int[result.Tokens.Count];
                for (int i = 0; i < values.Length; i++)
                {
                    if (!int.TryParse(result.Tokens[i].Value, NumberStyles.None, CultureInfo.InvariantCulture, out values[i]) || values[i] is < 1 or > LargestDimension)
                        result.AddError($"--dimension is a whole number from 1 to {LargestDimension}.");
                }

                return values;
            },
        };
        var tenants = new Option<string[]>("--tenant") { Description = "Tenants whose keys are derived and checked.", HelpName = "T", AllowMultipleArgumentsPerToken = true };
        var derivationPath = new Option<string?>("--derivation-path") { Description = "The derivation path of those keys.", HelpName = "P" };
        var command = new Command("check", "Check file, permissions, secrets and counters, and let every key encrypt and decrypt.") { path, tenants, derivationPath, dimensions };
        keyring.AddTo(command);
        command.SetAction(result =>
        {
            string[] forTenants = result.GetValue(tenants) ?? [];
            int[] forDimensions = result.GetValue(dimensions) ?? [];
            string? forPath = result.GetValue(derivationPath);
            if ((forTenants.Length > 0) != (forPath is not null) || (forDimensions.Length > 0 && forPath is null))
                throw CommandFailedException.Usage("A key, and so its shuffle, depends on the tenant and the derivation path: give --tenant and --derivation-path, both, and --dimension with them.");
            using Keyring opened = keyring.Open(result);
            SecretPath[] paths = result.GetValue(path) is string name ? [opened.Path(name)] : [.. opened.Paths];
            var report = new Report(result.InvocationConfiguration.Output);
            CheckFile(opened, report);
            foreach (SecretPath checkedPath in paths)
                CheckPath(checkedPath, forTenants, forPath, forDimensions, report);
            return report.Close(opened.File);
        });
        return command;
    }

    private static void CheckFile(Keyring keyring, Report report)
    {
        report.Good($"{keyring.File}: {(keyring.IsSealed ? "sealed, " : "")}closed to others, {keyring.Paths.Count} secret path{(keyring.Paths.Count == 1 ? "" : "s")}");
        if (PrivateFile.FolderProblem(keyring.File) is string problem)
            report.Problem(problem);
        foreach (KeyCounter counter in KeyUsage.Peek(KeyUsage.FileOf(keyring.File)).Where(c => c.Recorded >= KeyUsage.WarningLevel))
            report.Warning(new KeyUsageWarning(counter.SecretPath, counter.SecretId, counter.Context, counter.Recorded).ToString());
        KeyringSecret[] all = [.. keyring.Paths.SelectMany(Secrets)];
        for (int i = 0; i < all.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (CryptographicOperations.FixedTimeEquals(all[i].Bytes.Span, all[j].Bytes.Span))
                    report.Problem($"the same secret is there twice, with ids {all[j].Id} and {all[i].Id}: rotate one of them away");
            }
        }
    }

    private static void CheckPath(SecretPath path, string[] tenants, string? derivationPath, int[] dimensions, Report report)
    {
        if (path.ApproximationFactor == 0f)
            report.Warning($"secret path '{path.Name}' has approximation factor 0: vectors are shuffled, but no noise hides them");
        foreach (KeyringSecret secret in Secrets(path))
        {
            string which = $"secret path '{path.Name}', secret {secret.Id} ({(secret == path.Current ? "current" : "in rotation")})";
            if (SecretStrength.Weakness(secret.Bytes.Span) is string weakness)
                report.Problem($"{which}: the secret {weakness}; run keys rotate --path {path.Name}");
            else
                report.Good($"{which}: {secret.Bytes.Length} bytes");
            if (tenants.Length == 0)
                CheckKey(path, secret, which, "self-check", "self-check", [SelfCheckDimension], ties: false, report);
            foreach (string tenant in tenants)
            {
                CheckKey(path, secret, $"{which}, tenant '{tenant}', derivation path '{derivationPath}'", tenant, derivationPath!,
                    dimensions.Length == 0 ? [SelfCheckDimension] : dimensions, ties: dimensions.Length > 0, report);
            }
        }
    }

    private static void CheckKey(
        SecretPath path, KeyringSecret secret, string which, string tenant, string derivationPath, int[] dimensions, bool ties, Report report)
    {
        VectorKey key;
        try
        {
            key = path.Derive(secret, tenant, derivationPath);
        }
        catch (KeyringException exception)
        {
            report.Problem($"{which}: {exception.Message}");
            return;
        }

        using (key)
        {
            foreach (int dimension in dimensions)
            {
                if (KeySelfCheck.Problem(key, dimension) is string problem)
                    report.Problem($"{which}: {problem} (dimension {dimension})");
                else if (ties && key.HasTie(dimension))
                    report.Problem($"{which}: the shuffle ties at dimension {dimension}, so that other implementations of the format may order elements differently; rotate before data is exchanged with them");
                else
                    report.Good($"{which}: encrypts and decrypts{(ties ? ", no ties," : "")} at dimension {dimension}");
            }
        }
    }

    private static IEnumerable<KeyringSecret> Secrets(SecretPath path) => path.InRotation is null ? [path.Current] : [path.Current, path.InRotation];

    private sealed class Report(TextWriter output)
    {
        private int _problems;
        private int _warnings;

        public void Good(string line) => output.WriteLine("ok       " + line);

        public void Warning(string line)
        {
            _warnings++;
            output.WriteLine("warning  " + line);
        }

        public void Problem(string line)
        {
            _problems++;
            output.WriteLine("problem  " + line);
        }

        public int Close(string file)
        {
            if (_problems > 0)
                throw new CommandFailedException($"{file}: {_problems} problem{(_problems == 1 ? "" : "s")}, see above.");
            output.WriteLine(_warnings == 0 ? "The keyring is in order." : "The keyring can be used; see the warnings above.");
            return ExitCodes.Done;
        }
    }
}
