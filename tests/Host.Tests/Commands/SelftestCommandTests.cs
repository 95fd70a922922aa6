using System.Text.Json;
using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Host.Tests.Commands;

public sealed class SelftestCommandTests : IDisposable
{
    private static readonly string Vectors = Path.Combine(AppContext.BaseDirectory, "vectors");
    private readonly string _folder = Directory.CreateTempSubdirectory("gpucrypt-selftest-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Without_arguments_the_built_in_vectors_pass_on_the_device_that_auto_takes()
    {
        GpuCryptResult result = await GpuCryptProcess.RunAsync("selftest");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.True(result.OutputLines.Length > 10);
        Assert.All(result.OutputLines[..^1], line =>
        {
            Assert.StartsWith("cpu ", line, StringComparison.Ordinal);
            Assert.EndsWith(" 0 mismatches", line, StringComparison.Ordinal);
        });
        Assert.Matches("^passed: [1-9][0-9]* vectors of [1-9][0-9]* files on cpu, 0 mismatches$", result.OutputLines[^1]);
    }

    [Fact]
    public async Task All_takes_every_device_through_every_file()
    {
        string[] files = [.. Directory.GetFiles(Vectors, "*.jsonl").Order(StringComparer.Ordinal)];
        GpuCryptResult result = await GpuCryptProcess.RunAsync(["selftest", "--device", "all", "--json", "--vectors", .. files]);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        JsonElement[] lines = [.. result.OutputLines.Select(Parse)];
        Assert.Equal(
            DeviceCatalog.List().SelectMany(device => files.Select(file => (device.Name, file))),
            lines.Select(line => (line.GetProperty("device").GetString()!, line.GetProperty("file").GetString()!)));
        Assert.All(lines, line =>
        {
            Assert.Equal(["file", "device", "vectors", "mismatches", "first_mismatch"], line.EnumerateObject().Select(p => p.Name));
            Assert.True(line.GetProperty("vectors").GetInt32() > 0);
            Assert.Equal(0, line.GetProperty("mismatches").GetInt32());
            Assert.Equal(JsonValueKind.Null, line.GetProperty("first_mismatch").ValueKind);
        });
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("cpu:portable")]
    public async Task One_changed_bit_gives_exit_code_1_and_names_the_line(string device)
    {
        string changed = Changed("d9_s1_a2.236_k1.jsonl", 5, "cipher");
        string whole = Path.Combine(Vectors, "d7_s0_a0.5_k1.jsonl");
        GpuCryptResult result = await GpuCryptProcess.RunAsync("selftest", "--device", device, "--vectors", whole, "--vectors", changed);
        Assert.Equal((1, ""), (result.ExitCode, result.Error));
        Assert.Equal(3, result.OutputLines.Length);
        Assert.EndsWith(" 0 mismatches", result.OutputLines[0], StringComparison.Ordinal);
        Assert.Contains(changed, result.OutputLines[1], StringComparison.Ordinal);
        Assert.Contains(" 1 mismatch  first: line 5, cipher[0]: expected ", result.OutputLines[1], StringComparison.Ordinal);
        Assert.StartsWith("FAILED: ", result.OutputLines[2], StringComparison.Ordinal);
        Assert.EndsWith(", 1 mismatch", result.OutputLines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mismatch_is_in_the_json_too()
    {
        string changed = Changed("d9_s1_a2.236_k1.jsonl", 2, "auth_hash");
        GpuCryptResult result = await GpuCryptProcess.RunAsync("selftest", "--json", "--vectors", changed);
        Assert.Equal((1, ""), (result.ExitCode, result.Error));
        JsonElement line = Parse(Assert.Single(result.OutputLines));
        Assert.Equal(1, line.GetProperty("mismatches").GetInt32());
        Assert.StartsWith("line 2, auth_hash: expected ", line.GetProperty("first_mismatch").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_line_must_give_its_error()
    {
        string text = await File.ReadAllTextAsync(Path.Combine(Vectors, "big_d9_s1.jsonl"));
        Assert.Contains("Enc(OverflowError)", text, StringComparison.Ordinal);
        string changed = Path.Combine(_folder, "other-error.jsonl");
        await File.WriteAllTextAsync(changed, text.Replace("Enc(OverflowError)", "Enc(SomeOtherError)", StringComparison.Ordinal));
        GpuCryptResult result = await GpuCryptProcess.RunAsync("selftest", "--vectors", changed);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("error: expected Enc(SomeOtherError), found Enc(OverflowError)", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "line 1: not JSON")]
    [InlineData("", "empty")]
    [InlineData("{\"kind\":\"params\",\"secret\":\"zz\"}", "line 1: field \"secret\": not hexadecimal")]
    [InlineData(
        "{\"kind\":\"params\",\"secret\":\"00\",\"tenant\":\"t\",\"derivation_path\":\"p\",\"key_id\":1,\"approx_bits\":\"3f800000\","
        + "\"scaling_factor_bits\":\"3f800000\",\"key\":\"0000000000000000000000000000000000000000000000000000000000000000\",\"scale\":true}",
        "line 1: A secret has at least 32 bytes")]
    public async Task A_broken_file_gives_exit_code_2_and_its_place_before_anything_runs(string text, string reason)
    {
        string broken = Path.Combine(_folder, "broken.jsonl");
        await File.WriteAllTextAsync(broken, text);
        GpuCryptResult result = await GpuCryptProcess.RunAsync("selftest", "--vectors", Path.Combine(Vectors, "d0_s0.jsonl"), broken);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        string line = Assert.Single(result.ErrorLines);
        Assert.StartsWith($"gpucrypt: not a file of test vectors: {broken}: ", line, StringComparison.Ordinal);
        Assert.Contains(reason, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_and_a_directory_give_exit_code_2()
    {
        string missing = Path.Combine(_folder, "missing.jsonl");
        await AssertUsage($"gpucrypt: cannot read the vector file {missing}: there is no such file", "--vectors", missing);
        await AssertUsage($"gpucrypt: cannot read the vector file {_folder}: it is a directory", "--vectors", _folder);
    }

    [Fact]
    public async Task An_unknown_device_gives_exit_code_2_and_the_names_that_exist() =>
        await AssertUsage("gpucrypt: device gpu:7: unknown; choose auto or one of: " + string.Join(", ", DeviceCatalog.List().Select(d => d.Name)), "--device", "gpu:7");

    private static async Task AssertUsage(string error, params string[] arguments)
    {
        GpuCryptResult result = await GpuCryptProcess.RunAsync(["selftest", .. arguments]);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Equal(error, Assert.Single(result.ErrorLines));
    }

    private static JsonElement Parse(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }

    /// <summary>A copy of a vector file with one bit of one field changed.</summary>
    private string Changed(string file, int line, string field)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Vectors, file));
        string text = lines[line - 1];
        // The lowest bit of the first float or byte's fourth byte.
        int at = text.IndexOf($"\"{field}\":\"", StringComparison.Ordinal) + field.Length + 4 + 7;
        lines[line - 1] = text[..at] + "1032547698badcfe"[Convert.ToInt32(text[at].ToString(), 16)] + text[(at + 1)..];
        string path = Path.Combine(_folder, "changed.jsonl");
        File.WriteAllLines(path, lines);
        return path;
    }
}
