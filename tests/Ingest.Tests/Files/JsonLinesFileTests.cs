using System.Text;
using System.Text.Json;
using GpuCrypt.Ingest.Files;
using GpuCrypt.Ingest.Formats;
using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Ingest.Tests.Files;

public sealed class JsonLinesFileTests : IDisposable
{
    private readonly FileRuns _runs = new();

    public void Dispose() => _runs.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(13)]
    [InlineData(100)]
    public async Task Lines_come_back_in_every_byte_but_the_vectors(int segment)
    {
        string text = "{\"id\":1,\"vector\":[0.5,-0.25]}\n\n  { \"vector\" : [ 0.125 ] , \"id\" : \"b\", \"note\":\"é\\u0000\" } \r\n\t\r\n{\"id\":2.50,\"x\":{\"y\":[1,{}]},\"vector\":[]}";
        string plain = _runs.Write("p.jsonl", Encoding.UTF8.GetBytes(text));
        Assert.Equal((3, 0), await _runs.RunAsync(plain, _runs.At("c.jsonl"), BatchOperation.Encrypt, segment: segment));
        Assert.Equal((3, 0), await _runs.RunAsync(_runs.At("c.jsonl"), _runs.At("b.jsonl"), BatchOperation.Decrypt, segment: segment));
        Assert.Equal(WithoutNumbers(text), WithoutNumbers(File.ReadAllText(_runs.At("b.jsonl"))));
        string[] records = File.ReadAllLines(_runs.At("b.jsonl"));
        double[] first = [.. JsonDocument.Parse(records[0]).RootElement.GetProperty("vector").EnumerateArray().Select(e => e.GetDouble())];
        Assert.Equal(0.5, first[0], 1e-6);
        Assert.Equal(-0.25, first[1], 1e-6);
        Assert.All(File.ReadAllLines(_runs.At("c.jsonl")).Where(line => line.Trim().Length > 0), line => Assert.Equal(72, JsonDocument.Parse(line).RootElement.GetProperty("paired_icl_info").GetString()!.Length));
    }

    [Fact]
    public async Task Rejected_lines_are_left_out_and_listed_by_their_number()
    {
        string text = "{\"id\":1,\"vector\":[1]}\nnot json\n\n{\"id\":2,\"vector\":[1,\"x\"]}\n{\"id\":3,\"vector\":[2]}\n{\"id\":4,\"vector\":[1e39]}\n{\"id\":5,\"vector\":[1],\"paired_icl_info\":\"\"}\n{\"vector\":[1]}\n";
        Assert.Equal((2, 5), await _runs.RunAsync(_runs.Write("p.jsonl", Encoding.UTF8.GetBytes(text)), _runs.At("c.jsonl"), BatchOperation.Encrypt, segment: 10));
        string[] lines = File.ReadAllLines(_runs.At("c.jsonl"));
        Assert.Equal(["1", "", "3"], lines.Select(line => line.Length == 0 ? "" : JsonDocument.Parse(line).RootElement.GetProperty("id").GetRawText()));
        Assert.Equal(
            [(2, 22, "bad-json"), (4, 32, "bad-field"), (6, 80, "out-of-range"), (7, 105, "already-encrypted"), (8, 148, "missing-field")],
            Rejects("c.jsonl").Select(reject => (reject.GetProperty("line").GetInt32(), reject.GetProperty("offset").GetInt32(), reject.GetProperty("reason").GetString()!)));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(64)]
    [InlineData(4096)]
    public async Task A_line_beyond_the_limit_is_skipped_and_listed(int segment)
    {
        string longLine = "{\"id\":1,\"x\":\"" + new string('x', 500) + "\",\"vector\":[1]}";
        string text = "{\"id\":1,\"vector\":[1]}\n" + longLine + "\n{\"id\":3,\"vector\":[2]}\n" + longLine;
        var settings = new FileSettings { Json = new JsonFormatOptions { MaxMessageSize = 100 } };
        Assert.Equal((2, 2), await _runs.RunAsync(_runs.Write("p.jsonl", Encoding.UTF8.GetBytes(text)), _runs.At("c.jsonl"), BatchOperation.Encrypt, settings, segment: segment));
        Assert.Equal(2, File.ReadAllLines(_runs.At("c.jsonl")).Length);
        JsonElement[] rejects = Rejects("c.jsonl");
        Assert.Equal([2, 4], rejects.Select(reject => reject.GetProperty("line").GetInt32()));
        Assert.Equal($"the line is longer than the limit (bytes), expected 100, found {longLine.Length + 1}", rejects[0].GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Tenants_and_paths_come_from_the_fields_that_are_set()
    {
        var settings = new FileSettings { Json = new JsonFormatOptions { TenantField = "tenant", DerivationPathField = "path" } };
        string text = "{\"id\":1,\"vector\":[1],\"tenant\":\"\\u0061\",\"path\":\"p\\u0071\"}\n{\"id\":2,\"vector\":[1]}\n{\"id\":3,\"vector\":[1],\"tenant\":\"nobody\"}\n{\"id\":4,\"tenant\":\"b\",\"vector\":[1]}\n";
        Assert.Equal((3, 1), await _runs.RunAsync(_runs.Write("p.jsonl", Encoding.UTF8.GetBytes(text)), _runs.At("c.jsonl"), BatchOperation.Encrypt, settings));
        Assert.Equal(["a/pq", "default/path", "b/path"], _runs.Keys.Asked);
        Assert.Equal((3, 0), await _runs.RunAsync(_runs.At("c.jsonl"), _runs.At("b.jsonl"), BatchOperation.Decrypt, settings));
        Assert.Equal("unknown-tenant", Rejects("c.jsonl").Single().GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Many_records_go_through_small_batches_in_order()
    {
        var text = new StringBuilder();
        for (int i = 0; i < 3000; i++)
            text.Append($"{{\"id\":{i},\"vector\":{FileRuns.Json(Enumerable.Range(0, i % 70).Select(j => FileRuns.Value(i, j)))}}}\n");
        string plain = _runs.Write("p.jsonl", Encoding.UTF8.GetBytes(text.ToString()));
        Assert.Equal((3000, 0), await _runs.RunAsync(plain, _runs.At("c.jsonl"), BatchOperation.Encrypt, rows: 7, values: 200, segment: 1000));
        Assert.Equal((3000, 0), await _runs.RunAsync(_runs.At("c.jsonl"), _runs.At("b.jsonl"), BatchOperation.Decrypt, rows: 64));
        Assert.Equal(Enumerable.Range(0, 3000), File.ReadLines(_runs.At("b.jsonl")).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("id").GetInt32()));
        Assert.Equal(WithoutNumbers(text.ToString()), WithoutNumbers(File.ReadAllText(_runs.At("b.jsonl"))));
    }

    [Fact]
    public async Task A_vector_larger_than_a_batch_is_rejected()
    {
        string text = $"{{\"id\":1,\"vector\":{FileRuns.Json(new double[100])}}}\n{{\"id\":2,\"vector\":[1]}}\n";
        Assert.Equal((1, 1), await _runs.RunAsync(_runs.Write("p.jsonl", Encoding.UTF8.GetBytes(text)), _runs.At("c.jsonl"), BatchOperation.Encrypt, rows: 4, values: 64));
        Assert.Equal("too-large", Rejects("c.jsonl").Single().GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Records_without_ids_are_told_apart_by_their_lines_for_synthetic_IVs()
    {
        var settings = new FileSettings { Json = new JsonFormatOptions { IdField = null } };
        await _runs.RunAsync(_runs.Write("p.jsonl", "{\"vector\":[1]}\n{\"vector\":[1]}\n"u8.ToArray()), _runs.At("c.jsonl"), BatchOperation.Encrypt, settings);
        string[] lines = File.ReadAllLines(_runs.At("c.jsonl"));
        Assert.NotEqual(lines[0], lines[1]);
    }

    [Fact]
    public async Task A_byte_order_mark_and_empty_files_are_no_trouble()
    {
        Assert.Equal((1, 0), await _runs.RunAsync(_runs.Write("p.jsonl", [0xef, 0xbb, 0xbf, .. "{\"id\":1,\"vector\":[1]}"u8]), _runs.At("c.jsonl"), BatchOperation.Encrypt, segment: 2));
        Assert.StartsWith("{\"id\"", File.ReadAllText(_runs.At("c.jsonl")), StringComparison.Ordinal);
        Assert.Equal((0, 0), await _runs.RunAsync(_runs.Write("e.jsonl", []), _runs.At("f.jsonl"), BatchOperation.Encrypt));
        Assert.Empty(File.ReadAllBytes(_runs.At("f.jsonl")));
    }

    private static string WithoutNumbers(string text) => System.Text.RegularExpressions.Regex.Replace(text, "(\"vector\"\\s*:\\s*)\\[[^\\]]*\\]", "$1[]");

    private JsonElement[] Rejects(string output) =>
        [.. File.ReadLines(VectorFileNames.Rejects(_runs.At(output))).Select(line => JsonDocument.Parse(line).RootElement)];
}
