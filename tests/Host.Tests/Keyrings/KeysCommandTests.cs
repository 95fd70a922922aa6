using System.Text.Json.Nodes;
using GpuCrypt.Host.Keyrings;

namespace GpuCrypt.Host.Tests.Keyrings;

/// <summary>The <c>keys</c> commands through the built program; whatever it writes is searched for every secret of the keyring.</summary>
public sealed class KeysCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HashSet<string> _secrets = [];
    private readonly List<string> _written = [];

    private string KeyringFileName => _folder["keys.json"];

    public void Dispose()
    {
        _folder.Dispose();
        foreach (string secret in _secrets)
        {
            byte[] bytes = Convert.FromHexString(secret);
            string base64 = Convert.ToBase64String(bytes);
            foreach (string text in _written)
            {
                // Any 12 digits are enough to know a part of it by.
                Assert.DoesNotContain(Enumerable.Range(0, secret.Length - 11).Select(i => secret.Substring(i, 12)), piece => text.Contains(piece, StringComparison.OrdinalIgnoreCase));
                Assert.DoesNotContain(Enumerable.Range(0, base64.Length - 11).Select(i => base64.Substring(i, 12)), piece => text.Contains(piece, StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public async Task New_makes_a_closed_file_adds_paths_and_overwrites_nothing()
    {
        GpuCryptResult made = await Keys("new");
        Assert.Equal((ExitCodes.Done, ""), (made.ExitCode, made.Error));
        Assert.StartsWith($"{KeyringFileName}: made, with secret path 'default', secret 1, approximation factor 1, scaling off.", made.Output, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyringFileName));
        string before = File.ReadAllText(KeyringFileName);

        await Fails(ExitCodes.Usage, $"{KeyringFileName}: there is a secret path 'default' already; nothing is overwritten. To replace its secret run keys rotate --path default.", "new");
        Assert.Equal(before, File.ReadAllText(KeyringFileName));

        Assert.Equal(ExitCodes.Done, (await Keys("new", "--path", "faces", "--approximation-factor", "2.236", "--scaling", "--id", "7")).ExitCode);
        using Keyring keyring = Keyring.Load(KeyringFileName);
        SecretPath faces = keyring.Path("faces");
        Assert.Equal((2.236f, true, 7u, 32), (faces.ApproximationFactor, faces.Scaling, faces.Current.Id, faces.Current.Bytes.Length));
        Assert.NotEqual(Convert.ToHexString(keyring.Path("default").Current.Bytes.Span), Convert.ToHexString(faces.Current.Bytes.Span));

        GpuCryptResult list = await Keys("list");
        string created = keyring.Path("default").Current.Created!.Value.ToString("yyyy-MM-ddTHH:mm:ssZ"), createdFaces = faces.Current.Created!.Value.ToString("yyyy-MM-ddTHH:mm:ssZ");
        Assert.Equal(
            $"""
            PATH     APPROXIMATION  SCALING  SECRET  ROLE     CREATED
            default  1              off      1       current  {created}
            faces    2.236          on       7       current  {createdFaces}

            """,
            list.Output);
    }

    [Fact]
    public async Task A_secret_is_rotated_and_retired_and_may_be_kept()
    {
        await Keys("new");
        string first = Secrets().Single();
        GpuCryptResult rotated = await Keys("rotate");
        Assert.StartsWith($"{KeyringFileName}: secret path 'default' encrypts with secret 2 now; secret 1 is in rotation and still decrypts.", rotated.Output, StringComparison.Ordinal);
        Assert.Equal(2, Secrets().Length);
        Assert.Contains(first, Secrets());
        await Fails(ExitCodes.Usage, "Secret path 'default' has secret 1 in rotation already: re-encrypt what is still under it, then run keys retire --path default --id 1.", "rotate");

        JsonNode json = JsonNode.Parse((await Keys("list", "--json")).Output)!;
        Assert.Equal("[2,1]", new JsonArray([.. json["secretPaths"]![0]!["secrets"]!.AsArray().Select(s => s!["id"]!.DeepClone())]).ToJsonString());
        Assert.Equal(["current", "in rotation"], json["secretPaths"]![0]!["secrets"]!.AsArray().Select(s => (string?)s!["role"]));
        Assert.False((bool)json["sealed"]!);

        await Fails(ExitCodes.Usage, "Retiring secret 1 of secret path 'default' cannot be undone: say --yes to do it without being asked.", "retire", "--id", "1");
        await Fails(ExitCodes.Usage, "Secret 2 is the current one of secret path 'default': run keys rotate --path default first, and retire it when nothing is left under it.", "retire", "--id", "2", "--yes");
        await Fails(ExitCodes.Usage, $"{KeyringFileName}: there is a file already; nothing is overwritten.", "retire", "--id", "1", "--yes", "--save", KeyringFileName);
        Assert.Equal(2, Secrets().Length);

        string old = _folder["old.json"];
        GpuCryptResult retired = await Keys("retire", "--id", "1", "--yes", "--save", old);
        Assert.Equal($"{KeyringFileName}: secret 1 of secret path 'default' is retired and kept in {old}. Backups of the keyring still hold it.\n", retired.Output);
        Assert.DoesNotContain(first, Secrets());
        using Keyring kept = Keyring.Load(old);
        Assert.Equal((1u, first), (kept.Path("default").Current.Id, Convert.ToHexStringLower(kept.Path("default").Current.Bytes.Span)));
        await Fails(ExitCodes.Usage, "Secret path 'default' had a secret with id 1 once, and ciphertexts under it may still exist: choose another --id, or leave it out.", "rotate", "--id", "1");
    }

    [Fact]
    public async Task A_keyring_is_sealed_used_and_unsealed()
    {
        await Keys("new");
        var environment = new Dictionary<string, string?> { ["PASS"] = "correct horse battery", ["WRONG"] = "correct horse bakery", ["KEK"] = new string('a', 64) };
        await Fails(ExitCodes.Usage, "Nothing to seal the keyring with: give --passphrase-env, --passphrase-file, --kek-env, --kek-file or --kek-command, or run this at a terminal.", "seal");
        Assert.Equal(ExitCodes.Done, (await Run(environment, "seal", "--passphrase-env", "PASS")).ExitCode);
        await Fails(ExitCodes.Usage, $"{KeyringFileName}: the keyring is sealed with a passphrase: say where it is with --passphrase-env NAME or --passphrase-file FILE, or run this at a terminal.", "rotate");
        GpuCryptResult wrong = await Run(environment, "list", "--passphrase-env", "WRONG");
        Assert.Equal((ExitCodes.Usage, ""), (wrong.ExitCode, wrong.Output));
        Assert.StartsWith($"gpucrypt: {KeyringFileName}: the passphrase from environment variable WRONG does not open this keyring;", wrong.Error, StringComparison.Ordinal);
        Assert.Equal("gpucrypt: Give one of --passphrase-env and --kek-env, not both.\n", (await Run(environment, "list", "--passphrase-env", "PASS", "--kek-env", "KEK")).Error);
        Assert.Equal(ExitCodes.Done, (await Run(environment, "rotate", "--passphrase-env", "PASS")).ExitCode);
        Assert.Contains("gpucrypt-sealed-keyring", File.ReadAllText(KeyringFileName), StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Done, (await Run(environment, "unseal", "--passphrase-env", "PASS")).ExitCode);
        Assert.Equal(2, Secrets().Length);
        Assert.Equal(ExitCodes.Done, (await Run(environment, "seal", "--kek-command", "printf %s \"$KEK\"")).ExitCode);
        GpuCryptResult check = await Run(environment, "check", "--kek-env", "KEK");
        Assert.Equal((ExitCodes.Done, ""), (check.ExitCode, check.Error));
        Assert.Contains("sealed, closed to others", check.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task New_with_a_way_to_seal_makes_a_sealed_keyring()
    {
        var environment = new Dictionary<string, string?> { ["KEK"] = new string('a', 64) };
        Assert.Equal(ExitCodes.Done, (await Run(environment, "new", "--kek-env", "KEK")).ExitCode);
        Assert.Equal(SealingKind.Key, KeyringFile.SealedWith(KeyringFileName));
        Assert.Equal(ExitCodes.Done, (await Run(environment, "new", "--path", "second", "--kek-env", "KEK")).ExitCode);
        Assert.Equal(SealingKind.Key, KeyringFile.SealedWith(KeyringFileName));
        Assert.Contains("second", (await Run(environment, "list", "--kek-env", "KEK")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_wrong_is_refused_with_its_place_by_every_command()
    {
        TestKeyrings.WriteFile(KeyringFileName, TestKeyrings.Valid.Replace("\"id\": 2,", "\"id\": 0,"));
        string message = $"{KeyringFileName}:8:26 secretPaths.default.current.id: expected a whole number from 1 to 4294967295";
        await Fails(ExitCodes.Usage, message, "list");
        await Fails(ExitCodes.Usage, message, "check");
        await Fails(ExitCodes.Usage, message, "rotate");
        await Fails(ExitCodes.Usage, message, "retire", "--id", "1", "--yes");
        File.SetUnixFileMode(KeyringFileName, (UnixFileMode)0b110_100_000);
        await Fails(ExitCodes.Usage, $"{KeyringFileName}: the keyring has mode 0640, so that others can read or write it; run: chmod 600 {KeyringFileName}", "list");
        GpuCryptResult none = await GpuCryptProcess.RunAsync(["keys", "list"]);
        Assert.Equal("gpucrypt: No keyring: name it with --keyring FILE or in the environment variable GPUCRYPT_KEYRING; gpucrypt keys new makes one.\n", none.Error);
    }

    [Fact]
    public async Task Check_lets_every_key_encrypt_and_decrypt()
    {
        await Keys("new");
        await Keys("rotate");
        await Keys("new", "--path", "other", "--scaling");
        GpuCryptResult result = await Keys("check");
        Assert.Equal(
            $"""
            ok       {KeyringFileName}: closed to others, 2 secret paths
            ok       secret path 'default', secret 2 (current): 32 bytes
            ok       secret path 'default', secret 2 (current): encrypts and decrypts at dimension 64
            ok       secret path 'default', secret 1 (in rotation): 32 bytes
            ok       secret path 'default', secret 1 (in rotation): encrypts and decrypts at dimension 64
            ok       secret path 'other', secret 1 (current): 32 bytes
            ok       secret path 'other', secret 1 (current): encrypts and decrypts at dimension 64
            The keyring is in order.

            """,
            result.Output);
        Assert.Equal((ExitCodes.Done, ""), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task Check_says_when_the_noise_does_not_fit_into_float32()
    {
        TestKeyrings.WriteFile(KeyringFileName, TestKeyrings.Valid.Replace("2.236", "3e38"));
        GpuCryptResult result = await Keys("check", "--path", "default");
        Assert.Equal(ExitCodes.Failed, result.ExitCode);
        Assert.Contains("problem  secret path 'default', secret 2 (current): its noise overflows float32: the approximation factor is too large (dimension 64)", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_finds_weak_and_repeated_secrets_and_an_open_folder()
    {
        string weak = TestKeyrings.Valid
            .Replace(TestKeyrings.CurrentHex, string.Concat(Enumerable.Range(0, 32).Select(i => i.ToString("x2"))))
            .Replace("0.5", "0");
        TestKeyrings.WriteFile(KeyringFileName, weak);
        Directory.CreateDirectory(_folder["open"]);
        File.SetUnixFileMode(_folder["open"], (UnixFileMode)0b111_111_111);
        File.Move(KeyringFileName, _folder["open/keys.json"]);
        GpuCryptResult result = await GpuCryptProcess.RunAsync(["keys", "check", "--keyring", _folder["open/keys.json"]]);
        _written.AddRange([result.Output, result.Error]);
        _secrets.Add(TestKeyrings.RotatingHex);
        Assert.Equal((ExitCodes.Failed, $"gpucrypt: {_folder["open/keys.json"]}: 3 problems, see above.\n"), (result.ExitCode, result.Error));
        Assert.Contains($"problem  {_folder["open"]}: others may write in this folder and so replace the file; run: chmod go-w {_folder["open"]}", result.Output, StringComparison.Ordinal);
        Assert.Contains("problem  the same secret is there twice, with ids 1 and 4294967295: rotate one of them away", result.Output, StringComparison.Ordinal);
        Assert.Contains("problem  secret path 'default', secret 2 (current): the secret is a series of equal steps; run keys rotate --path default", result.Output, StringComparison.Ordinal);
        Assert.Contains("warning  secret path 'other/path-2' has approximation factor 0: vectors are shuffled, but no noise hides them", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_reports_shuffle_ties_and_used_up_keys()
    {
        await Keys("new", "--path", "p");
        // About d²/2^33 of keys tie: at 2^20 elements, every key does; at 4, none to speak of.
        await Fails(ExitCodes.Usage, "A key, and so its shuffle, depends on the tenant and the derivation path: give --tenant and --derivation-path, both, and --dimension with them.", "check", "--dimension", "4");
        GpuCryptResult result = await Keys("check", "--path", "p", "--tenant", "t", "--derivation-path", "d", "--dimension", "4", "1048576");
        Assert.Equal(ExitCodes.Failed, result.ExitCode);
        Assert.Contains("ok       secret path 'p', secret 1 (current), tenant 't', derivation path 'd': encrypts and decrypts, no ties, at dimension 4", result.Output, StringComparison.Ordinal);
        Assert.Contains("problem  secret path 'p', secret 1 (current), tenant 't', derivation path 'd': the shuffle ties at dimension 1048576", result.Output, StringComparison.Ordinal);

        using (KeyUsage usage = KeyUsage.Open(KeyUsage.FileOf(KeyringFileName)))
            Assert.True(usage.Counter("p", 1, "t", "d").TryCount(KeyUsage.WarningLevel, Kernels.Batches.IvSource.Random));
        GpuCryptResult warned = await Keys("check");
        Assert.Equal(ExitCodes.Done, warned.ExitCode);
        Assert.Contains("warning  The key of 't-d' under secret 1 of secret path 'p' has encrypted 536,870,912 vectors of at most 4,294,967,296", warned.Output, StringComparison.Ordinal);
    }

    private Task<GpuCryptResult> Keys(params string[] arguments) => Run(null, arguments);

    private async Task<GpuCryptResult> Run(Dictionary<string, string?>? environment, params string[] arguments)
    {
        Secrets();
        environment = new(environment ?? []) { ["GPUCRYPT_KEYRING"] = KeyringFileName };
        GpuCryptResult result = await GpuCryptProcess.RunAsync(["keys", .. arguments], environment);
        Secrets();
        _written.AddRange([result.Output, result.Error]);
        return result;
    }

    private async Task Fails(int exitCode, string message, params string[] arguments)
    {
        GpuCryptResult result = await Keys(arguments);
        Assert.Equal((exitCode, "", $"gpucrypt: {message}\n"), (result.ExitCode, result.Output, result.Error));
    }

    /// <summary>The secrets in the file now, remembered for the search at the end.</summary>
    private string[] Secrets()
    {
        if (!File.Exists(KeyringFileName))
            return [];
        string[] found = [.. System.Text.RegularExpressions.Regex.Matches(File.ReadAllText(KeyringFileName), "\"secret\": \"([0-9a-f]{64,})\"").Select(m => m.Groups[1].Value)];
        _secrets.UnionWith(found);
        return found;
    }
}
