namespace GpuCrypt.Host.Keyrings;

/// <summary>Keyrings on disk: loading, and every change to one, each under the file's lock and written in one step.</summary>
internal static class KeyringFile
{
    private const string What = "keyring";
    private const int MinimumPassphraseSize = 12;

    /// <summary>Reads a keyring (see <see cref="Keyring.Load"/>).</summary>
    public static Keyring Load(string file, UnsealSource? unseal)
    {
        (Keyring keyring, SealingSecret? secret) = LoadForWriting(file, unseal);
        secret?.Dispose();
        return keyring;
    }

    /// <summary>Whether a keyring file is sealed, and with what; null when it is not.</summary>
    public static SealingKind? SealedWith(string file)
    {
        using SecretBytes text = PrivateFile.Read(file, What);
        return SealedFormat.IsSealed(text.Span) ? SealedFormat.Read(text.Span, file).Kind : null;
    }

    /// <summary>Writes a keyring to a new file.</summary>
    /// <param name="keyring">The keyring.</param>
    /// <param name="file">The file, which must not be there.</param>
    /// <param name="secret">What to seal it with; null to leave it open.</param>
    /// <exception cref="KeyringException">The file is there, or cannot be written.</exception>
    public static void Create(Keyring keyring, string file, SealingSecret? secret)
    {
        if (File.Exists(file))
            throw new KeyringException($"{file}: there is a file already; nothing is overwritten.");
        using FileLock held = FileLock.Take(file, What);
        Write(keyring, file, secret, create: true);
    }

    /// <summary>Changes a keyring; a sealed one is sealed again with the same passphrase or key.</summary>
    /// <param name="file">The file.</param>
    /// <param name="unseal">Where to take the passphrase or key from; null when the keyring is not sealed.</param>
    /// <param name="change">The change; what it throws leaves the file as it was. Also gets what the keyring is sealed with.</param>
    public static void Edit(string file, UnsealSource? unseal, Action<Keyring, SealingSecret?> change)
    {
        using FileLock held = FileLock.Take(file, What);
        (Keyring keyring, SealingSecret? secret) = LoadForWriting(file, unseal);
        using (keyring)
        using (secret)
        {
            change(keyring, secret);
            Write(keyring, file, secret, create: false);
        }
    }

    /// <summary>Seals a keyring that is not sealed.</summary>
    /// <exception cref="KeyringException">It is sealed already, or the passphrase is too short.</exception>
    public static void Seal(string file, UnsealSource source)
    {
        using FileLock held = FileLock.Take(file, What);
        if (SealedWith(file) is not null)
            throw new KeyringException($"{file}: the keyring is sealed already; to seal it with something else run keys unseal first.");
        using Keyring keyring = Load(file, null);
        using SealingSecret secret = ObtainToSeal(source);
        Write(keyring, file, secret, create: false);
    }

    /// <summary>Takes the seal off.</summary>
    /// <exception cref="KeyringException">The keyring is not sealed, or cannot be opened.</exception>
    public static void Unseal(string file, UnsealSource? source)
    {
        using FileLock held = FileLock.Take(file, What);
        if (SealedWith(file) is null)
            throw new KeyringException($"{file}: the keyring is not sealed.");
        using Keyring keyring = Load(file, source);
        Write(keyring, file, null, create: false);
    }

    /// <summary>Takes a passphrase or key to seal a keyring with; the caller disposes it.</summary>
    /// <exception cref="KeyringException">A passphrase is too short.</exception>
    public static SealingSecret ObtainToSeal(UnsealSource source)
    {
        SealingSecret secret = source.Obtain(confirm: true);
        if (secret.Kind == SealingKind.Key || secret.Bytes.Length >= MinimumPassphraseSize)
            return secret;
        secret.Dispose();
        throw new KeyringException($"{source.Description}: a passphrase that seals a keyring has at least {MinimumPassphraseSize} bytes; a few random words serve well.");
    }

    private static (Keyring Keyring, SealingSecret? Secret) LoadForWriting(string file, UnsealSource? unseal)
    {
        using SecretBytes text = PrivateFile.Read(file, What);
        if (!SealedFormat.IsSealed(text.Span))
        {
            if (unseal is { IsPrompt: false })
            {
                // Somebody who can replace the file must not be able to slip an open one in.
                throw new KeyringException(
                    $"{file}: the keyring is not sealed, though a way to unseal it was given ({unseal.Description}): run keys seal, or leave that out.");
            }

            return (KeyringFormat.Read(text.Span, file, isSealed: false), null);
        }

        SealedFormat envelope = SealedFormat.Read(text.Span, file);
        if (unseal is null || (unseal.IsPrompt && envelope.Kind == SealingKind.Key))
        {
            throw new KeyringException(envelope.Kind == SealingKind.Passphrase
                ? $"{file}: the keyring is sealed with a passphrase: say where it is with --passphrase-env NAME or --passphrase-file FILE, or run this at a terminal."
                : $"{file}: the keyring is sealed with a key-encryption key: say where it is with --kek-env NAME, --kek-file FILE or --kek-command CMD.");
        }

        SealingSecret secret = unseal.Obtain();
        try
        {
            using SecretBytes opened = envelope.Open(secret);
            return (KeyringFormat.Read(opened.Span, file, isSealed: true), secret);
        }
        catch
        {
            secret.Dispose();
            throw;
        }
    }

    private static void Write(Keyring keyring, string file, SealingSecret? secret, bool create)
    {
        using var text = new SecretBufferWriter();
        KeyringFormat.Write(keyring, text);
        PrivateFile.Write(file, secret is null ? text.Written : SealedFormat.Seal(text.Written, secret), What, create);
    }
}
