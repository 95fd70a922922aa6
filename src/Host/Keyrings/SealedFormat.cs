using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace GpuCrypt.Host.Keyrings;

/// <summary>
/// A keyring's text under AES-256-GCM, as JSON (docs/KEYS.md). A passphrase is stretched with PBKDF2-HMAC-SHA512, a key-encryption key
/// goes through HKDF-SHA512, each with a fresh salt; of the 48 bytes that come out 32 are the AES key and 16, the key check, stand in the
/// file, so that a wrong passphrase and a damaged file are told apart. The header is authenticated with the text.
/// </summary>
internal sealed class SealedFormat
{
    /// <summary>What the field <c>format</c> says.</summary>
    public const string Name = "gpucrypt-sealed-keyring";

    /// <summary>PBKDF2 iterations for new files. OWASP (2023) asks for 210,000 with SHA-512.</summary>
    public const int DefaultIterations = 600_000;

    private const int Version = 1;
    private const int MinimumIterations = 210_000;
    private const int MaximumIterations = 100_000_000;
    private const int SaltSize = 32;
    private const int KeySize = 32;
    private const int CheckSize = 16;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const string PassphraseDerivation = "PBKDF2-HMAC-SHA512";
    private const string KeyDerivation = "HKDF-SHA512";

    private static readonly string[] Fields =
        ["format", "version", "cipher", "derivation", "iterations", "salt", "keyCheck", "nonce", "tag", "keyring"];

    private readonly string _file;
    private readonly int _iterations;
    private readonly byte[] _salt;
    private readonly byte[] _check;
    private readonly byte[] _nonce;
    private readonly byte[] _tag;
    private readonly byte[] _cipher;

    private SealedFormat(string file, SealingKind kind, int iterations, byte[] salt, byte[] check, byte[] nonce, byte[] tag, byte[] cipher)
    {
        _file = file;
        Kind = kind;
        _iterations = iterations;
        _salt = salt;
        _check = check;
        _nonce = nonce;
        _tag = tag;
        _cipher = cipher;
    }

    /// <summary>What the keyring is sealed with.</summary>
    public SealingKind Kind { get; }

    /// <summary>Whether a text says that it is a sealed keyring; a text that says nothing sensible is left to the keyring's reader to refuse.</summary>
    public static bool IsSealed(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text);
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject
                && reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("format"u8)
                && reader.Read() && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(Name);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Seals a text.</summary>
    /// <param name="text">The keyring's text.</param>
    /// <param name="secret">What to seal it with.</param>
    /// <param name="iterations">PBKDF2 iterations, for a passphrase.</param>
    /// <returns>The sealed file's text.</returns>
    public static byte[] Seal(ReadOnlySpan<byte> text, SealingSecret secret, int iterations = DefaultIterations)
    {
        iterations = secret.Kind == SealingKind.Passphrase ? iterations : 0;
        byte[] salt = RandomNumberGenerator.GetBytes(SaltSize);
        using SecretBytes derived = Derive(secret, salt, iterations);
        var made = new SealedFormat("", secret.Kind, iterations, salt, derived.Span[KeySize..].ToArray(),
            RandomNumberGenerator.GetBytes(NonceSize), new byte[TagSize], new byte[text.Length]);
        using var aes = new AesGcm(derived.Span[..KeySize], TagSize);
        aes.Encrypt(made._nonce, text, made._cipher, made._tag, made.Header());
        return made.ToJson();
    }

    /// <summary>Reads a sealed file, without opening it.</summary>
    /// <exception cref="KeyringException">The file is not as it should be.</exception>
    public static SealedFormat Read(ReadOnlySpan<byte> text, string file)
    {
        var json = new StrictJson(text, file);
        uint seen = 0;
        int iterations = 0;
        bool passphrase = false;
        byte[] salt = [], check = [], nonce = [], tag = [], cipher = [];
        json.Read("");
        json.ExpectObject("");
        long start = json.Place, iterationsAt = 0;
        while (json.NextField("", Fields, ref seen, out int field))
        {
            string at = Fields[field];
            switch (field)
            {
                case 0:
                    json.ExpectText(at, Name);
                    break;
                case 1:
                    json.Integer(at, Version, Version);
                    break;
                case 2:
                    json.ExpectText(at, "AES-256-GCM");
                    break;
                case 3:
                    string derivation = json.Text(at);
                    passphrase = derivation == PassphraseDerivation;
                    if (!passphrase && derivation != KeyDerivation)
                        throw json.Error(json.Place, at, $"expected \"{PassphraseDerivation}\" or \"{KeyDerivation}\"");
                    break;
                case 4:
                    iterationsAt = json.Place;
                    iterations = (int)json.Integer(at, MinimumIterations, MaximumIterations);
                    break;
                case 5:
                    salt = Bytes(ref json, at, SaltSize);
                    break;
                case 6:
                    check = Bytes(ref json, at, CheckSize);
                    break;
                case 7:
                    nonce = Bytes(ref json, at, NonceSize);
                    break;
                case 8:
                    tag = Bytes(ref json, at, TagSize);
                    break;
                case 9:
                    cipher = Bytes(ref json, at, null);
                    break;
            }
        }

        json.Require(start, "", Fields, seen, passphrase ? 0b11_1111_1111u : 0b11_1110_1111u);
        if (!passphrase && iterations != 0)
            throw json.Error(iterationsAt, Fields[4], $"{KeyDerivation} has no iterations");
        json.End();
        return new SealedFormat(file, passphrase ? SealingKind.Passphrase : SealingKind.Key, iterations, salt, check, nonce, tag, cipher);
    }

    /// <summary>Opens the file: the keyring's text, which the caller disposes.</summary>
    /// <exception cref="KeyringException">The passphrase or key is not the one, or the file was damaged or changed.</exception>
    public SecretBytes Open(SealingSecret secret)
    {
        if (secret.Kind != Kind)
        {
            throw new KeyringException(Kind == SealingKind.Passphrase
                ? $"{_file}: the keyring is sealed with a passphrase, and a key-encryption key was given: use --passphrase-env, --passphrase-file or the terminal."
                : $"{_file}: the keyring is sealed with a key-encryption key, and a passphrase was given: use --kek-env, --kek-file or --kek-command.");
        }

        string word = Kind == SealingKind.Passphrase ? "passphrase" : "key-encryption key";
        using SecretBytes derived = Derive(secret, _salt, _iterations);
        if (!CryptographicOperations.FixedTimeEquals(derived.Span[KeySize..], _check))
            throw new KeyringException($"{_file}: the {word} from {secret.Origin} does not open this keyring; it is wrong, or the file's salt, iterations or keyCheck was changed.");
        var text = new SecretBytes(_cipher.Length);
        try
        {
            using var aes = new AesGcm(derived.Span[..KeySize], TagSize);
            aes.Decrypt(_nonce, _cipher, _tag, text.Span, Header());
            return text;
        }
        catch (CryptographicException exception)
        {
            text.Dispose();
            throw new KeyringException($"{_file}: the {word} is right, but the sealed keyring was damaged or changed: restore it from a backup.", exception);
        }
    }

    private static SecretBytes Derive(SealingSecret secret, byte[] salt, int iterations)
    {
        var derived = new SecretBytes(KeySize + CheckSize);
        if (secret.Kind == SealingKind.Passphrase)
            Rfc2898DeriveBytes.Pbkdf2(secret.Bytes.Span, salt, derived.Span, iterations, HashAlgorithmName.SHA512);
        else
            HKDF.DeriveKey(HashAlgorithmName.SHA512, secret.Bytes.Span, derived.Span, salt, Encoding.ASCII.GetBytes($"{Name} {Version}"));
        return derived;
    }

    private static byte[] Bytes(ref StrictJson json, string at, int? size)
    {
        // No secret, so a string will do: other programs that write JSON may escape "+".
        string text = json.Text(at);
        byte[] bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out int written))
            throw json.Error(json.Place, at, "expected base64");
        if (size is not null && written != size)
            throw json.Error(json.Place, at, $"expected {size} bytes in base64, found {written}");
        return bytes[..written];
    }

    /// <summary>Everything the file says beside tag and ciphertext, in one fixed form: the associated data of AES-GCM.</summary>
    private byte[] Header() => Encoding.ASCII.GetBytes(string.Join('\n',
        Name, Version, "AES-256-GCM", Kind == SealingKind.Passphrase ? PassphraseDerivation : KeyDerivation, _iterations,
        Convert.ToHexStringLower(_salt), Convert.ToHexStringLower(_check), Convert.ToHexStringLower(_nonce)));

    private byte[] ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString(Fields[0], Name);
            json.WriteNumber(Fields[1], Version);
            json.WriteString(Fields[2], "AES-256-GCM");
            json.WriteString(Fields[3], Kind == SealingKind.Passphrase ? PassphraseDerivation : KeyDerivation);
            if (Kind == SealingKind.Passphrase)
                json.WriteNumber(Fields[4], _iterations);
            json.WriteBase64String(Fields[5], _salt);
            json.WriteBase64String(Fields[6], _check);
            json.WriteBase64String(Fields[7], _nonce);
            json.WriteBase64String(Fields[8], _tag);
            json.WriteBase64String(Fields[9], _cipher);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }
}
