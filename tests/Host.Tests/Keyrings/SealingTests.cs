using System.Text;
using System.Text.Json.Nodes;
using GpuCrypt.Host.Keyrings;

namespace GpuCrypt.Host.Tests.Keyrings;

public sealed class SealingTests : IDisposable
{
    // The least that the reader accepts: what is tested here does not depend on it.
    private const int Iterations = 210_000;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_sealed_keyring_opens_with_its_passphrase_and_shows_nothing_without()
    {
        string file = TestKeyrings.WriteFile(_folder["keys.json"]);
        UnsealSource source = PassphraseFile("correct horse battery\nsecond line");
        KeyringFile.Seal(file, source);
        string text = File.ReadAllText(file);
        Assert.DoesNotContain(TestKeyrings.CurrentHex, text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("default", text, StringComparison.Ordinal);
        Assert.Equal(600_000, (int)JsonNode.Parse(text)!["iterations"]!);

        using (Keyring opened = Keyring.Load(file, source))
        using (Keyring original = TestKeyrings.Parse())
        {
            Assert.True(opened.IsSealed);
            Assert.Equal(TestKeyrings.Write(original), TestKeyrings.Write(opened));
        }

        Assert.StartsWith($"{file}: the keyring is sealed with a passphrase: say where", Assert.Throws<KeyringException>(() => Keyring.Load(file)).Message, StringComparison.Ordinal);
        Assert.Equal(
            $"{file}: the passphrase from {_folder["pass"]} does not open this keyring; it is wrong, or the file's salt, iterations or keyCheck was changed.",
            Assert.Throws<KeyringException>(() => Keyring.Load(file, PassphraseFile("correct horse batterz"))).Message);
    }

    [Fact]
    public void A_keyring_that_ought_to_be_sealed_and_is_not_is_refused()
    {
        string file = TestKeyrings.WriteFile(_folder["keys.json"]);
        Assert.Equal(
            $"{file}: the keyring is not sealed, though a way to unseal it was given ({_folder["kek"]}): run keys seal, or leave that out.",
            Assert.Throws<KeyringException>(() => Keyring.Load(file, KeyFile(new string('7', 64)))).Message);
    }

    [Theory]
    [InlineData("0707070707070707070707070707070707070707070707070707070707070707\n")]
    [InlineData("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\r\n")]
    [InlineData("\a\a\a\a\a\a\a\a\a\a\a\a\a\a\a\a\a\a\a\a\a\a\a\a\a\a\a\a\a\a\a\a")]
    public void A_key_encryption_key_comes_in_three_forms(string content)
    {
        string file = TestKeyrings.WriteFile(_folder["keys.json"]);
        KeyringFile.Seal(file, UnsealSource.KeyFromCommand("printf '%064d' 0 | tr '0' '0' | sed 's/00/07/g'"));
        Assert.Equal(SealingKind.Key, KeyringFile.SealedWith(file));
        using Keyring opened = Keyring.Load(file, KeyFile(content));
        Assert.Equal(2, opened.Paths.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0707")]
    [InlineData("07070707070707070707070707070707070707070707070707070707070707zz")]
    [InlineData("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBw==")]
    public void Anything_else_is_no_key_encryption_key(string content)
    {
        var exception = Assert.Throws<KeyringException>(() => KeyFile(content).Obtain());
        Assert.Equal(
            $"{_folder["kek"]}: a key-encryption key is 64 hexadecimal digits, base64 of 32 bytes, or 32 bytes as they are; this is none of them ({content.Length} bytes).",
            exception.Message);
    }

    [Fact]
    public void A_source_that_fails_says_which_and_why()
    {
        Says(UnsealSource.KeyFromCommand("echo secret-output; exit 3"), "the key-encryption key's command ended with exit code 3.");
        Says(UnsealSource.KeyFromCommand("yes"), "the key-encryption key's command writes far more than a key.");
        Says(UnsealSource.KeyFromEnvironment("GPUCRYPT_TEST_UNSET"), "environment variable GPUCRYPT_TEST_UNSET is not set.");
        Says(UnsealSource.PassphraseFromFile(_folder["none"]), $"{_folder["none"]}: there is no such file.");
        Says(PassphraseFile("\nsecond"), $"{_folder["pass"]}: the passphrase is empty.");
        string open = TestKeyrings.WriteFile(_folder["open"], "passphrase", 0b110_100_000);
        Says(UnsealSource.PassphraseFromFile(open), $"{open}: the passphrase file has mode 0640, so that others can read or write it; run: chmod 600 {open}");

        static void Says(UnsealSource source, string message) => Assert.Equal(message, Assert.Throws<KeyringException>(() => source.Obtain()).Message);
    }

    [Fact]
    public void A_short_passphrase_is_refused_for_sealing()
    {
        string file = TestKeyrings.WriteFile(_folder["keys.json"]);
        Assert.Equal(
            $"{_folder["pass"]}: a passphrase that seals a keyring has at least 12 bytes; a few random words serve well.",
            Assert.Throws<KeyringException>(() => KeyringFile.Seal(file, PassphraseFile("elevenchars"))).Message);
        Assert.Equal(TestKeyrings.Valid, File.ReadAllText(file));
    }

    [Fact]
    public void A_change_seals_the_keyring_again_with_new_salt_and_nonce()
    {
        string file = TestKeyrings.WriteFile(_folder["keys.json"]);
        UnsealSource source = KeyFile(new string('7', 64));
        KeyringFile.Seal(file, source);
        JsonNode before = JsonNode.Parse(File.ReadAllText(file))!;
        KeyringFile.Edit(file, source, (keyring, _) => keyring.Path("default").Retire(1).Dispose());
        JsonNode after = JsonNode.Parse(File.ReadAllText(file))!;
        Assert.NotEqual((string?)before["salt"], (string?)after["salt"]);
        Assert.NotEqual((string?)before["nonce"], (string?)after["nonce"]);
        using Keyring opened = Keyring.Load(file, source);
        Assert.Null(opened.Path("default").InRotation);
        Assert.StartsWith($"{file}: the keyring is sealed already", Assert.Throws<KeyringException>(() => KeyringFile.Seal(file, source)).Message, StringComparison.Ordinal);
        KeyringFile.Unseal(file, source);
        Assert.Null(KeyringFile.SealedWith(file));
        Assert.Equal($"{file}: the keyring is not sealed.", Assert.Throws<KeyringException>(() => KeyringFile.Unseal(file, null)).Message);
    }

    [Theory]
    [InlineData("salt", "does not open this keyring")]
    [InlineData("keyCheck", "does not open this keyring")]
    [InlineData("nonce", "is right, but the sealed keyring was damaged or changed")]
    [InlineData("tag", "is right, but the sealed keyring was damaged or changed")]
    [InlineData("keyring", "is right, but the sealed keyring was damaged or changed")]
    public void A_changed_bit_anywhere_is_noticed(string field, string message)
    {
        using var secret = Secret(SealingKind.Key, new string('k', 32));
        JsonNode json = JsonNode.Parse(SealedFormat.Seal("text"u8, secret))!;
        byte[] bytes = Convert.FromBase64String((string)json[field]!);
        bytes[^1] ^= 1;
        json[field] = Convert.ToBase64String(bytes);
        SealedFormat changed = SealedFormat.Read(Encoding.UTF8.GetBytes(json.ToJsonString()), "keys.json");
        Assert.Contains(message, Assert.Throws<KeyringException>(() => changed.Open(secret)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Changed_iterations_and_the_other_kind_of_secret_are_noticed()
    {
        using var passphrase = Secret(SealingKind.Passphrase, "a long enough one");
        using var key = Secret(SealingKind.Key, new string('k', 32));
        string text = Encoding.UTF8.GetString(SealedFormat.Seal("text"u8, passphrase, Iterations));
        using (SecretBytes opened = Read(text).Open(passphrase))
            Assert.Equal("text"u8, opened.Span);
        Assert.Contains("does not open this keyring", Assert.Throws<KeyringException>(() => Read(text.Replace("210000", "210001")).Open(passphrase)).Message, StringComparison.Ordinal);
        Assert.Contains("sealed with a passphrase, and a key-encryption key was given", Assert.Throws<KeyringException>(() => Read(text).Open(key)).Message, StringComparison.Ordinal);
        Assert.Equal("keys.json:6:17 iterations: expected a whole number from 210000 to 100000000", Assert.Throws<KeyringException>(() => Read(text.Replace("210000", "1"))).Message);
        Assert.Equal("keys.json:5:17 derivation: expected \"PBKDF2-HMAC-SHA512\" or \"HKDF-SHA512\"", Assert.Throws<KeyringException>(() => Read(text.Replace("PBKDF2-HMAC-SHA512", "PBKDF2"))).Message);
        Assert.Equal("keys.json:6:17 iterations: HKDF-SHA512 has no iterations", Assert.Throws<KeyringException>(() => Read(text.Replace("PBKDF2-HMAC-SHA512", "HKDF-SHA512"))).Message);

        static SealedFormat Read(string text) => SealedFormat.Read(Encoding.UTF8.GetBytes(text), "keys.json");
    }

    private static SealingSecret Secret(SealingKind kind, string text) => new(kind, SecretBytes.Copy(Encoding.UTF8.GetBytes(text)), "a test");

    private UnsealSource PassphraseFile(string content) => UnsealSource.PassphraseFromFile(TestKeyrings.WriteFile(_folder["pass"], content));

    private UnsealSource KeyFile(string content) => UnsealSource.KeyFromFile(TestKeyrings.WriteFile(_folder["kek"], content));
}
