using GpuCrypt.Ingest.Files;
using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Ingest.Tests.Files;

public sealed class FileFaultTests : IDisposable
{
    private readonly FileRuns _runs = new();

    public void Dispose() => _runs.Dispose();

    [Fact]
    public async Task A_npy_file_of_the_wrong_size_is_refused_with_the_sizes()
    {
        byte[] plain = FileRuns.Npy("<f4", false, 4, 3, FileRuns.Value);
        int header = plain.Length - 48;
        await Fails(_runs.Write("short.npy", plain[..^5]), "x.npy", $"the data after the {header} bytes of header has the wrong size for shape (4, 3), expected 48 bytes, found 43.");
        await Fails(_runs.Write("long.npy", [.. plain, 1]), "x.npy", "expected 48 bytes, found 49.");
        await Fails(_runs.Write("none.npy", []), "x.npy", "the array ends inside its .npy header");
        await Fails(_runs.Write("text.npy", "hello"u8.ToArray()), "x.npy", "the array does not start with \\x93NUMPY");
        await Fails(_runs.Write("huge.npy", Formats.Records.Npy("<f4", false, "(9223372036854775807, 2)", [])), "x.npy", "larger than any array");
    }

    [Fact]
    public async Task A_fvecs_file_that_ends_inside_a_row_is_refused_with_row_and_byte()
    {
        byte[] plain = FileRuns.Fvecs([[1, 2], [3, 4]]);
        await Fails(_runs.Write("a.fvecs", plain[..^1]), "x.fvecs", "row 1 at byte 12: the file ends inside the row (bytes), expected 12, found 11.");
        await Fails(_runs.Write("b.fvecs", plain[..14]), "x.fvecs", "row 1 at byte 12: the file ends inside the row (bytes), expected 4, found 2.");
        await Fails(_runs.Write("c.fvecs", [.. plain, 255, 255, 255, 255]), "x.fvecs", "row 2 at byte 24: expected a dimension from 0 to 16384, found -1.");
        await Fails(_runs.Write("d.fvecs", [.. plain, 0, 0, 0, 64]), "x.fvecs", "row 2 at byte 24: expected a dimension from 0 to 16384, found 1073741824.");
    }

    [Fact]
    public async Task Metadata_of_another_number_of_rows_is_refused()
    {
        string plain = _runs.Write("p.fvecs", FileRuns.Fvecs([[1, 2], [3, 4]]));
        await _runs.RunAsync(plain, _runs.At("c.fvecs"), BatchOperation.Encrypt);
        await _runs.RunAsync(_runs.Write("p.npy", FileRuns.Npy("<f4", false, 2, 2, FileRuns.Value)), _runs.At("c.npy"), BatchOperation.Encrypt);
        foreach (string name in new[] { "c.fvecs", "c.npy" })
        {
            string extension = Path.GetExtension(name);
            byte[] metadata = File.ReadAllBytes(_runs.At(name + ".meta"));
            File.WriteAllBytes(_runs.At(name + ".meta"), metadata[..54]);
            await Fails(_runs.At(name), "x" + extension, extension == ".npy" ? "expected the metadata of 2 rows (108 bytes), found 1 (54 bytes)." : "expected the metadata of more than 1 rows, found 1.", BatchOperation.Decrypt);
            File.WriteAllBytes(_runs.At(name + ".meta"), [.. metadata, .. metadata]);
            await Fails(_runs.At(name), "x" + extension, "expected the metadata of 2 rows (108 bytes), found 4 (216 bytes).", BatchOperation.Decrypt);
            File.WriteAllBytes(_runs.At(name + ".meta"), metadata[..53]);
            await Fails(_runs.At(name), "x" + extension, "expected a multiple of 54 bytes, found 53.", BatchOperation.Decrypt);
            File.Delete(_runs.At(name + ".meta"));
            await Fails(_runs.At(name), "x" + extension, "there is no such file, expected the metadata of", BatchOperation.Decrypt);
        }
    }

    [Fact]
    public async Task Names_that_make_no_sense_are_refused()
    {
        string plain = _runs.Write("p.npy", FileRuns.Npy("<f4", false, 2, 2, FileRuns.Value));
        await Fails(plain, "x.fvecs", "expected a name that ends in .npy");
        await Fails(_runs.Write("p.txt", []), "x.txt", "expected a name that ends in .npy, .fvecs or .jsonl");
        await Fails(plain, "./p.npy", "input and output are the same file");
        await Fails(_runs.At("absent.npy"), "x.npy", "absent.npy: cannot be read: there is no such file.");
        await Fails(plain, "no/such/x.npy", "no/such/x.npy: cannot be written: there is no such folder.");
        Directory.CreateDirectory(_runs.At("folder.jsonl"));
        await Fails(_runs.At("folder.jsonl"), "x.jsonl", "folder.jsonl: cannot be read: it is a folder.");
    }

    [Fact]
    public async Task Nothing_is_overwritten_unless_asked_for_and_then_nothing_stale_stays()
    {
        string bad = _runs.Write("bad.npy", FileRuns.Npy("<f4", false, 2, 2, (i, j) => i == 0 ? double.NaN : 1));
        string good = _runs.Write("good.npy", FileRuns.Npy("<f4", false, 2, 2, FileRuns.Value));
        await _runs.RunAsync(bad, _runs.At("c.npy"), BatchOperation.Encrypt);
        foreach (string name in new[] { "c.npy", "c.npy.meta", "c.npy.rejects.jsonl" })
        {
            byte[] before = File.ReadAllBytes(_runs.At(name));
            await FailsOnly(good, "c.npy", "there is a file already; use --force to replace it.");
            Assert.Equal(before, File.ReadAllBytes(_runs.At(name)));
        }

        File.Delete(_runs.At("c.npy"));
        await FailsOnly(good, "c.npy", "c.npy.meta: there is a file already");
        await _runs.RunAsync(good, _runs.At("c.npy"), BatchOperation.EncryptOneWay, new FileSettings { Overwrite = true }, IvSource.Random);
        Assert.Equal(["bad.npy", "c.npy", "good.npy"], Names());
    }

    [Fact]
    public async Task A_run_that_fails_leaves_the_old_output_and_nothing_else()
    {
        string plain = _runs.Write("p.fvecs", [.. FileRuns.Fvecs(Enumerable.Repeat(new float[300], 500)), 1]);
        _runs.Write("c.fvecs", [1, 2, 3]);
        await Assert.ThrowsAsync<VectorFileException>(() => _runs.RunAsync(plain, _runs.At("c.fvecs"), BatchOperation.Encrypt, new FileSettings { Overwrite = true }));
        Assert.Equal(["c.fvecs", "p.fvecs"], Names());
        Assert.Equal([1, 2, 3], File.ReadAllBytes(_runs.At("c.fvecs")));
    }

    [Fact]
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    public async Task Decrypted_files_are_for_their_owner_alone()
    {
        string plain = _runs.Write("p.npy", FileRuns.Npy("<f4", false, 2, 2, FileRuns.Value));
        await _runs.RunAsync(plain, _runs.At("c.npy"), BatchOperation.Encrypt);
        await _runs.RunAsync(_runs.At("c.npy"), _runs.At("b.npy"), BatchOperation.Decrypt);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_runs.At("b.npy")));
    }

    private string[] Names() => [.. Directory.GetFileSystemEntries(_runs.Folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private async Task Fails(string input, string output, string expected, BatchOperation operation = BatchOperation.Encrypt)
    {
        await FailsOnly(input, output, expected, operation);
        Assert.False(File.Exists(_runs.At("x" + Path.GetExtension(output))));
        Assert.DoesNotContain(Names(), name => name.EndsWith(".tmp", StringComparison.Ordinal));
    }

    private async Task FailsOnly(string input, string output, string expected, BatchOperation operation = BatchOperation.Encrypt)
    {
        var exception = await Assert.ThrowsAsync<VectorFileException>(() => _runs.RunAsync(input, _runs.At(output), operation));
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", exception.Message, StringComparison.Ordinal);
        Assert.StartsWith(_runs.Folder, exception.Message, StringComparison.Ordinal);
    }
}
