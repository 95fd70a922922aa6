using GpuCrypt.Host.Keyrings;

namespace GpuCrypt.Host.Tests.Keyrings;

public sealed class KeyringFileTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0b110_100_000, "0640")]
    [InlineData(0b110_000_100, "0604")]
    [InlineData(0b110_010_000, "0620")]
    [InlineData(0b110_000_001, "0601")]
    [InlineData(0b110_110_110, "0666")]
    public void A_keyring_that_others_can_use_is_refused_with_the_way_to_mend_it(int mode, string shown)
    {
        string file = TestKeyrings.WriteFile(_folder["keys.json"], mode: mode);
        string expected = $"{file}: the keyring has mode {shown}, so that others can read or write it; run: chmod 600 {file}";
        Assert.Equal(expected, Assert.Throws<KeyringException>(() => Keyring.Load(file)).Message);
        // Before the content: an invalid file says the same.
        File.WriteAllText(file, "{");
        Assert.Equal(expected, Assert.Throws<KeyringException>(() => Keyring.Load(file)).Message);
    }

    [Fact]
    public void A_link_counts_as_what_it_points_to()
    {
        string target = TestKeyrings.WriteFile(_folder["target.json"], mode: 0b110_100_100);
        string link = _folder["my keys.json"];
        File.CreateSymbolicLink(link, target);
        Assert.Equal(
            $"{link} (a link to {target}): the keyring has mode 0644, so that others can read or write it; run: chmod 600 '{link}'",
            Assert.Throws<KeyringException>(() => Keyring.Load(link)).Message);

        File.SetUnixFileMode(target, Private);
        KeyringFile.Edit(link, null, (keyring, _) => keyring.Add(new SecretPath("new", 1, false, KeyringSecret.Generate(1))));
        Assert.Equal(target, new FileInfo(link).LinkTarget);
        using Keyring changed = Keyring.Load(target);
        Assert.True(changed.TryPath("new", out _));
    }

    [Fact]
    public void A_missing_file_a_folder_and_an_unknown_path_are_said_in_one_line()
    {
        Assert.Equal($"{_folder["no.json"]}: there is no such file.", Assert.Throws<KeyringException>(() => Keyring.Load(_folder["no.json"])).Message);
        Assert.Equal($"{_folder["no/no.json"]}: there is no such folder.", Assert.Throws<KeyringException>(() => Keyring.Load(_folder["no/no.json"])).Message);
        Assert.Equal($"{_folder.Path}: this is a folder, not a keyring.", Assert.Throws<KeyringException>(() => Keyring.Load(_folder.Path)).Message);
        string file = TestKeyrings.WriteFile(_folder["keys.json"]);
        using Keyring keyring = Keyring.Load(file);
        Assert.Equal($"{file}: no secret path 'nope'; there is 'default', 'other/path-2'.", Assert.Throws<KeyringException>(() => keyring.Path("nope")).Message);
    }

    [Fact]
    public void A_new_file_is_closed_to_others_and_nothing_else_is_left_beside_it()
    {
        string file = _folder["keys.json"];
        using Keyring keyring = TestKeyrings.Parse();
        KeyringFile.Create(keyring, file, null);
        Assert.Equal(Private, File.GetUnixFileMode(file));
        Assert.Equal(TestKeyrings.Write(keyring), File.ReadAllText(file));
        Assert.Equal(["keys.json", "keys.json.lock"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
        Assert.Equal($"{file}: there is a file already; nothing is overwritten.", Assert.Throws<KeyringException>(() => KeyringFile.Create(keyring, file, null)).Message);
    }

    [Fact]
    public void A_change_that_fails_leaves_the_file_as_it_was()
    {
        string file = TestKeyrings.WriteFile(_folder["keys.json"]);
        Assert.Throws<KeyringException>(() => KeyringFile.Edit(file, null, (keyring, _) => keyring.Path("default").Rotate(null)));
        Assert.Equal(TestKeyrings.Valid, File.ReadAllText(file));
        Assert.Equal(["keys.json", "keys.json.lock"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Two_writers_do_not_lose_each_others_changes()
    {
        string file = TestKeyrings.WriteFile(_folder["keys.json"]);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() =>
            KeyringFile.Edit(file, null, (keyring, _) => keyring.Add(new SecretPath($"path{i}", 1, false, KeyringSecret.Generate(1)))))));
        using Keyring keyring = Keyring.Load(file);
        Assert.Equal(10, keyring.Paths.Count);
    }

    [Fact]
    public void A_writer_that_waits_in_vain_says_so()
    {
        string file = TestKeyrings.WriteFile(_folder["keys.json"]);
        using FileLock held = FileLock.Take(file, "keyring");
        var exception = Assert.Throws<KeyringException>(() => FileLock.Take(file, "keyring", TimeSpan.FromMilliseconds(20)));
        Assert.Equal($"{file}: another process is writing the keyring ({file}.lock is locked); try again when it is done.", exception.Message);
    }

    [Fact]
    public void Rotation_gives_new_ids_and_never_one_that_was_retired()
    {
        using var path = new SecretPath("p", 1, false, KeyringSecret.Generate(1));
        byte[] first = path.Current.Bytes.Span.ToArray();
        path.Rotate(null);
        Assert.Equal((2u, 1u), (path.Current.Id, path.InRotation!.Id));
        Assert.Equal(first, path.InRotation.Bytes.Span.ToArray());
        Assert.NotEqual(first, path.Current.Bytes.Span.ToArray());
        Assert.Equal(
            "Secret path 'p' has secret 1 in rotation already: re-encrypt what is still under it, then run keys retire --path p --id 1.",
            Assert.Throws<KeyringException>(() => path.Rotate(null)).Message);
        Assert.StartsWith("Secret 2 is the current one", Assert.Throws<KeyringException>(() => path.Retire(2)).Message, StringComparison.Ordinal);
        Assert.Equal(
            "Nothing to retire: secret path 'p' has no secret with id 9; it holds 2 (current) and 1 (in rotation).",
            Assert.Throws<KeyringException>(() => path.Retire(9)).Message);
        path.Retire(1).Dispose();
        Assert.Null(path.InRotation);
        Assert.Equal("secret path 'p' has no secret with id 1: it was retired; it holds 2 (current).", path.Missing(1));
        Assert.StartsWith("Secret path 'p' had a secret with id 1 once", Assert.Throws<KeyringException>(() => path.Rotate(1)).Message, StringComparison.Ordinal);
        Assert.StartsWith("Secret path 'p' has a secret with id 2 already", Assert.Throws<KeyringException>(() => path.Rotate(2)).Message, StringComparison.Ordinal);
        path.Rotate(uint.MaxValue);
        path.Retire(2).Dispose();
        path.Rotate(null);
        Assert.Equal(3u, path.Current.Id);
    }

    [Fact]
    public void Disposal_wipes_the_secrets()
    {
        Keyring keyring = TestKeyrings.Parse();
        SecretBytes bytes = keyring.Path("default").Current.Bytes;
        Span<byte> span = bytes.Span;
        Assert.NotEqual(0, span[0]);
        keyring.Dispose();
        Assert.True(span.IndexOfAnyExcept((byte)0) < 0);
        Assert.Throws<ObjectDisposedException>(() => bytes.Span.Length);
    }
}
