using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using GpuCrypt.Host.Keyrings;
using GpuCrypt.Host.Tests.Keyrings;
using GpuCrypt.Kernels;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Host.Tests.Commands;

/// <summary><c>encrypt</c> and <c>decrypt</c> through the built program.</summary>
public sealed class FileCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FileCommandTests() => TestKeyrings.WriteFile(_folder["keys.json"]);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("cpu", "random")]
    [InlineData("cpu:portable", "synthetic")]
    public async Task A_table_larger_than_the_batches_comes_back(string device, string iv)
    {
        // More elements than one batch of the pipeline holds.
        (int rows, int dimension) = (30_000, 100);
        float[] values = [.. Enumerable.Range(0, rows * dimension).Select(i => (i % 1999 / 1000f) - 1f)];
        File.WriteAllBytes(_folder["p.npy"], Npy(rows, dimension, values));
        GpuCryptResult encrypted = await Run("encrypt", "p.npy", "c.npy", "--device", device, "--iv", iv);
        Assert.Equal((ExitCodes.Done, ""), (encrypted.ExitCode, encrypted.Error));
        Assert.Matches(@"^\S+c\.npy: 30,000 vectors encrypted, metadata in \S+c\.npy\.meta; .*vectors/s on " + device + @"\.\n$", encrypted.Output);
        Assert.Equal(54L * rows, new FileInfo(_folder["c.npy.meta"]).Length);

        GpuCryptResult decrypted = await Run("decrypt", "c.npy", "b.npy", "--json");
        Assert.Equal((ExitCodes.Done, ""), (decrypted.ExitCode, decrypted.Error));
        JsonNode json = JsonNode.Parse(decrypted.Output)!;
        Assert.Equal((30_000, 0, "decrypt", "cpu"), ((int)json["done"]!, (int)json["rejected"]!, (string)json["command"]!, (string)json["device"]!));
        float[] back = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(_folder["b.npy"]).AsSpan(128)).ToArray();
        Assert.Equal(values.Length, back.Length);
        double worst = 0;
        for (int i = 0; i < values.Length; i++)
            worst = Math.Max(worst, Math.Abs(values[i] - back[i]));
        Assert.InRange(worst, 0, 1e-5);
        Assert.Equal(rows, KeyUsage.Peek(KeyUsage.FileOf(_folder["keys.json"])).Sum(counter => counter.Recorded));
    }

    [Fact]
    public async Task The_library_decrypts_what_the_program_wrote()
    {
        File.WriteAllBytes(_folder["p.fvecs"], [3, 0, 0, 0, .. MemoryMarshal.AsBytes<float>([0.5f, -0.25f, 1f])]);
        Assert.Equal(ExitCodes.Done, (await Run("encrypt", "p.fvecs", "c.fvecs")).ExitCode);
        byte[] cipher = File.ReadAllBytes(_folder["c.fvecs"]);
        using VectorKey key = VectorKey.Derive(2, Convert.FromHexString(TestKeyrings.CurrentHex), "tenant", "path", 2.236f, scaling: true);
        using var library = new VectorCipher(key);
        float[] plain = library.Decrypt(MemoryMarshal.Cast<byte, float>(cipher.AsSpan(4)), File.ReadAllBytes(_folder["c.fvecs.meta"]));
        Assert.Equal([0.5f, -0.25f, 1f], plain.Select(value => MathF.Round(value, 5)));
    }

    [Fact]
    public async Task Json_lines_keep_their_text_mix_tenants_and_count_what_was_rejected()
    {
        string text = """
            {"id": "a", "tenant":"one",  "vector": [0.5, 0.25], "note": "stays  as it is"}
            {"id": "b", "vector": [1, NaN]}
            {"id": "c", "vector": [1e0,-2]}

            """;
        File.WriteAllText(_folder["p.jsonl"], text);
        string[] fields = ["--tenant-field", "tenant"];
        GpuCryptResult encrypted = await Run("encrypt", "p.jsonl", "c.jsonl", [.. fields, "--json"]);
        Assert.Equal((ExitCodes.SomeRejected, ""), (encrypted.ExitCode, encrypted.Error));
        JsonNode json = JsonNode.Parse(encrypted.Output)!;
        Assert.Equal((2, 1, _folder["c.jsonl.rejects.jsonl"]), ((int)json["done"]!, (int)json["rejected"]!, (string)json["rejects"]!));
        JsonNode reject = JsonNode.Parse(File.ReadAllText(_folder["c.jsonl.rejects.jsonl"]))!;
        Assert.Equal((2, "bad-json"), ((int)reject["line"]!, (string)reject["reason"]!));

        Assert.Equal(ExitCodes.Done, (await Run("decrypt", "c.jsonl", "b.jsonl", fields)).ExitCode);
        string[] lines = File.ReadAllLines(_folder["b.jsonl"]);
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("""{"id": "a", "tenant":"one",  "vector": [""", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("""], "note": "stays  as it is"}""", lines[0], StringComparison.Ordinal);
        Assert.Equal([0.5, 0.25], Vector(lines[0]));
        Assert.Equal([1.0, -2.0], Vector(lines[1]));

        // The first record is under tenant one: without its field it is looked for under the default tenant.
        GpuCryptResult wrong = await Run("decrypt", "c.jsonl", "w.jsonl");
        Assert.Equal(ExitCodes.SomeRejected, wrong.ExitCode);
        Assert.Equal("bad-tag", (string)JsonNode.Parse(File.ReadAllLines(_folder["w.jsonl.rejects.jsonl"]).Single())!["reason"]!);
    }

    [Fact]
    public async Task A_synthetic_run_repeats_and_a_random_one_does_not()
    {
        File.WriteAllBytes(_folder["p.npy"], Npy(3, 4, new float[12]));
        foreach (string output in new[] { "a.npy", "b.npy" })
            Assert.Equal(ExitCodes.Done, (await Run("encrypt", "p.npy", output, "--iv", "synthetic")).ExitCode);
        Assert.Equal(File.ReadAllBytes(_folder["a.npy"]), File.ReadAllBytes(_folder["b.npy"]));
        Assert.Equal(File.ReadAllBytes(_folder["a.npy.meta"]), File.ReadAllBytes(_folder["b.npy.meta"]));
        Assert.Equal(ExitCodes.Done, (await Run("encrypt", "p.npy", "b.npy", "--force")).ExitCode);
        Assert.NotEqual(File.ReadAllBytes(_folder["a.npy"]), File.ReadAllBytes(_folder["b.npy"]));
    }

    [Fact]
    public async Task One_way_encryption_writes_no_metadata_and_so_cannot_be_decrypted()
    {
        File.WriteAllBytes(_folder["p.npy"], Npy(3, 4, new float[12]));
        GpuCryptResult result = await Run("encrypt", "p.npy", "c.npy", "--one-way", "--json");
        Assert.Equal((ExitCodes.Done, true), (result.ExitCode, (bool)JsonNode.Parse(result.Output)!["oneWay"]!));
        Assert.Equal(["c.npy", "p.npy"], Directory.GetFiles(_folder.Path, "*.npy*").Select(Path.GetFileName).Order(StringComparer.Ordinal));
        await Fails(ExitCodes.Failed, "c.npy.meta: there is no such file, expected the metadata of", "decrypt", "c.npy", "b.npy");
    }

    [Fact]
    public async Task A_wrong_command_line_is_refused_before_anything_is_written()
    {
        File.WriteAllBytes(_folder["p.npy"], Npy(3, 4, new float[12]));
        File.WriteAllBytes(_folder["there.npy"], [1]);
        await Fails(ExitCodes.Usage, "absent.npy: cannot be read: there is no such file.", "encrypt", "absent.npy", "c.npy");
        await Fails(ExitCodes.Usage, "c.fvecs: expected a name that ends in .npy", "encrypt", "p.npy", "c.fvecs");
        await Fails(ExitCodes.Usage, "there.npy: there is a file already; use --force to replace it.", "encrypt", "p.npy", "there.npy");
        await Fails(ExitCodes.Usage, "--vector-field is for .jsonl files alone.", "encrypt", "p.npy", "c.npy", "--vector-field", "v");
        await Fails(ExitCodes.Usage, "--one-way forgets the IVs", "encrypt", "p.npy", "c.npy", "--one-way", "--iv", "synthetic");
        await Fails(ExitCodes.Usage, "no secret path 'none'", "encrypt", "p.npy", "c.npy", "--secret-path", "none");
        await Fails(ExitCodes.Usage, "device none: unknown", "encrypt", "p.npy", "c.npy", "--device", "none");
        await Fails(ExitCodes.Usage, "--threads is a number from 0 to 1024.", "encrypt", "p.npy", "c.npy", "--threads", "-1");
        await Fails(ExitCodes.Usage, "one-way", "decrypt", "p.npy", "c.npy", "--one-way");
        GpuCryptResult noTenant = await GpuCryptProcess.RunAsync(["encrypt", _folder["p.npy"], _folder["c.npy"], "--keyring", _folder["keys.json"]]);
        Assert.Equal((ExitCodes.Usage, "gpucrypt: No tenant: name it with --tenant.\n"), (noTenant.ExitCode, noTenant.Error));
        Assert.Equal(["p.npy", "there.npy"], Directory.GetFiles(_folder.Path, "*.npy*").Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_damaged_file_fails_and_leaves_nothing()
    {
        File.WriteAllBytes(_folder["p.fvecs"], [1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0]);
        await Fails(ExitCodes.Failed, "p.fvecs: row 1 at byte 8: the file ends inside the row (bytes), expected 40, found 4.", "encrypt", "p.fvecs", "c.fvecs");
        Assert.Equal(["p.fvecs"], Directory.GetFiles(_folder.Path, "*fvecs*").Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_run_that_is_interrupted_leaves_nothing()
    {
        // A sparse file of zeros, long enough for the slowest device on one thread.
        const int Rows = 400_000, Dimension = 256;
        using (FileStream file = File.Create(_folder["p.npy"]))
        {
            file.Write(Npy(Rows, Dimension, []));
            file.SetLength(128 + ((long)Rows * Dimension * 4));
        }

        using Process process = GpuCryptProcess.Start(Arguments("encrypt", "p.npy", "c.npy", "--device", "cpu:scalar", "--threads", "1"));
        Task<string> error = process.StandardError.ReadToEndAsync();
        try
        {
            for (int i = 0; i < 300 && Directory.GetFiles(_folder.Path, ".c.npy.*.tmp").Length == 0; i++)
                await Task.Delay(50);
            Assert.False(process.HasExited);
            using Process kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
            await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);
        }
        finally
        {
            process.Kill();
        }

        Assert.Equal((ExitCodes.Failed, $"gpucrypt: {_folder["c.npy"]}: interrupted; nothing was written.\n"), (process.ExitCode, await error));
        Assert.Equal(["p.npy"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Where(name => !name!.StartsWith("keys", StringComparison.Ordinal)));
    }

    private static byte[] Npy(int rows, int dimension, float[] values)
    {
        string header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {dimension}), }}".PadRight(117) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. Encoding.ASCII.GetBytes(header), .. MemoryMarshal.AsBytes<float>(values)];
    }

    private static double[] Vector(string line) => [.. JsonNode.Parse(line)!["vector"]!.AsArray().Select(value => Math.Round((double)value!, 5))];

    private string[] Arguments(string verb, string input, string output, params string[] more) =>
        [verb, _folder[input], _folder[output], "--keyring", _folder["keys.json"], "--tenant", "tenant", "--derivation-path", "path", .. more];

    private Task<GpuCryptResult> Run(string verb, string input, string output, params string[] more) => GpuCryptProcess.RunAsync(Arguments(verb, input, output, more));

    private async Task Fails(int exitCode, string message, string verb, string input, string output, params string[] more)
    {
        GpuCryptResult result = await Run(verb, input, output, more);
        Assert.Equal((exitCode, ""), (result.ExitCode, result.Output));
        Assert.StartsWith("gpucrypt: ", result.Error, StringComparison.Ordinal);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.Equal(1, result.Error.Count(c => c == '\n'));
    }
}
