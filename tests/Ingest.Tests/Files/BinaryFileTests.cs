using System.Text.Json;
using GpuCrypt.Ingest.Files;
using GpuCrypt.Kernels.Batches;
using static GpuCrypt.Ingest.Tests.Files.FileRuns;

namespace GpuCrypt.Ingest.Tests.Files;

public sealed class BinaryFileTests : IDisposable
{
    private readonly FileRuns _runs = new();

    public void Dispose() => _runs.Dispose();

    [Theory]
    [InlineData("<f2", false)]
    [InlineData("<f4", false)]
    [InlineData("<f8", false)]
    [InlineData(">f8", false)]
    [InlineData("<f2", true)]
    [InlineData("<f4", true)]
    [InlineData(">f8", true)]
    public async Task A_npy_table_of_any_type_and_order_encrypts_and_decrypts_to_its_values(string descr, bool fortran)
    {
        (int rows, int dimension) = (1000, 37);
        string plain = _runs.Write("plain.npy", Npy(descr, fortran, rows, dimension, Value));
        Assert.Equal((rows, 0), await _runs.RunAsync(plain, _runs.At("c.npy"), BatchOperation.Encrypt, iv: IvSource.Random));
        Assert.Equal(54 * rows, new FileInfo(_runs.At("c.npy.meta")).Length);
        Assert.Equal((rows, 0), await _runs.RunAsync(_runs.At("c.npy"), _runs.At("back.npy"), BatchOperation.Decrypt));
        Assert.False(File.Exists(_runs.At("back.npy.meta")));

        byte[] cipher = File.ReadAllBytes(_runs.At("c.npy")), back = File.ReadAllBytes(_runs.At("back.npy"));
        Assert.Equal(cipher[..128], back[..128]);
        float[] ciphertexts = Floats(cipher.AsSpan(128)), values = Floats(back.AsSpan(128));
        Assert.Equal(rows * dimension, values.Length);
        double largestChange = 0;
        for (int i = 0; i < values.Length; i++)
        {
            Assert.Equal(Value(i / dimension, i % dimension), values[i], 1e-6);
            largestChange = Math.Max(largestChange, Math.Abs(ciphertexts[i] - values[i]));
        }

        Assert.True(largestChange > 0.01);
    }

    [Fact]
    public async Task One_vector_keeps_its_one_dimensional_shape()
    {
        string plain = _runs.Write("plain.npy", Formats.Records.Npy("<f4", false, "(5,)", Formats.Records.Raw(1, 2, 3, 4, 5)));
        Assert.Equal((1, 0), await _runs.RunAsync(plain, _runs.At("c.npy"), BatchOperation.Encrypt));
        await _runs.RunAsync(_runs.At("c.npy"), _runs.At("back.npy"), BatchOperation.Decrypt);
        byte[] back = File.ReadAllBytes(_runs.At("back.npy"));
        Assert.Contains("'shape': (5,), }", System.Text.Encoding.ASCII.GetString(back), StringComparison.Ordinal);
        Assert.Equal([1f, 2f, 3f, 4f, 5f], Floats(back.AsSpan(128)).Select(v => MathF.Round(v, 5)));
    }

    [Theory]
    [InlineData("(0, 8)", 0)]
    [InlineData("(3, 0)", 3)]
    [InlineData("(0,)", 1)]
    [InlineData("(1, 2)", 1)]
    public async Task Files_without_rows_or_elements_and_with_one_row_are_files_too(string shape, int rows)
    {
        string plain = _runs.Write("plain.npy", Formats.Records.Npy("<f4", false, shape, shape == "(1, 2)" ? Formats.Records.Raw(1, 2) : []));
        Assert.Equal((rows, 0), await _runs.RunAsync(plain, _runs.At("c.npy"), BatchOperation.Encrypt));
        Assert.Equal(54 * rows, new FileInfo(_runs.At("c.npy.meta")).Length);
        Assert.Equal((rows, 0), await _runs.RunAsync(_runs.At("c.npy"), _runs.At("back.npy"), BatchOperation.Decrypt));
    }

    [Fact]
    public async Task An_empty_fvecs_file_stays_empty()
    {
        Assert.Equal((0, 0), await _runs.RunAsync(_runs.Write("e.fvecs", []), _runs.At("c.fvecs"), BatchOperation.Encrypt));
        Assert.Equal((0, 0), await _runs.RunAsync(_runs.At("c.fvecs"), _runs.At("b.fvecs"), BatchOperation.Decrypt));
        Assert.Empty(File.ReadAllBytes(_runs.At("b.fvecs")));
    }

    [Fact]
    public async Task Vectors_of_a_fvecs_file_may_differ_in_dimension()
    {
        float[][] vectors = [.. Enumerable.Range(0, 300).Select(i => Enumerable.Range(0, i % 40).Select(j => (float)Value(i, j)).ToArray())];
        byte[] plain = Fvecs(vectors);
        Assert.Equal((300, 0), await _runs.RunAsync(_runs.Write("p.fvecs", plain), _runs.At("c.fvecs"), BatchOperation.Encrypt));
        await _runs.RunAsync(_runs.At("c.fvecs"), _runs.At("b.fvecs"), BatchOperation.Decrypt);
        byte[] back = File.ReadAllBytes(_runs.At("b.fvecs"));
        Assert.Equal(plain.Length, back.Length);
        int at = 0;
        foreach (float[] vector in vectors)
        {
            Assert.Equal(vector.Length, BitConverter.ToInt32(back, at));
            float[] values = Floats(back.AsSpan(at + 4, vector.Length * 4));
            for (int i = 0; i < vector.Length; i++)
                Assert.Equal(vector[i], values[i], 1e-6f);
            at += 4 + (vector.Length * 4);
        }
    }

    [Fact]
    public async Task Neither_the_segments_of_the_pipe_nor_the_batches_show_in_the_output()
    {
        string npy = _runs.Write("p.npy", Npy("<f8", false, 200, 19, Value));
        string fortran = _runs.Write("t.npy", Npy("<f8", true, 200, 19, Value));
        string fvecs = _runs.Write("p.fvecs", Fvecs(Enumerable.Range(0, 200).Select(i => Enumerable.Range(0, 19).Select(j => (float)Value(i, j)).ToArray())));
        await _runs.RunAsync(npy, _runs.At("c.npy"), BatchOperation.Encrypt);
        byte[] expected = File.ReadAllBytes(_runs.At("c.npy")), metadata = File.ReadAllBytes(_runs.At("c.npy.meta"));
        foreach ((int segment, int rows, int values) in new[] { (1, 64, 4096), (7, 1, 32), (53, 3, 4096), (151, 200, 8192), (1000, 64, 64) })
        {
            await _runs.RunAsync(npy, _runs.At("d.npy"), BatchOperation.Encrypt, new FileSettings { Overwrite = true }, rows: rows, values: values, segment: segment);
            Assert.Equal(expected, File.ReadAllBytes(_runs.At("d.npy")));
            Assert.Equal(metadata, File.ReadAllBytes(_runs.At("d.npy.meta")));
            await _runs.RunAsync(fvecs, _runs.At("d.fvecs"), BatchOperation.Encrypt, new FileSettings { Overwrite = true }, rows: rows, values: values, segment: segment);
            Assert.Equal(metadata, File.ReadAllBytes(_runs.At("d.fvecs.meta")));
            await _runs.RunAsync(fortran, _runs.At("e.npy"), BatchOperation.Encrypt, new FileSettings { Overwrite = true }, rows: rows, values: values);
            Assert.Equal(expected, File.ReadAllBytes(_runs.At("e.npy")));
        }
    }

    [Fact]
    public async Task A_table_in_Fortran_order_with_more_rows_than_are_read_at_once_gives_what_C_order_gives()
    {
        string c = _runs.Write("c.npy", Npy("<f4", false, 9000, 3, Value)), fortran = _runs.Write("f.npy", Npy("<f4", true, 9000, 3, Value));
        await _runs.RunAsync(c, _runs.At("x.npy"), BatchOperation.Encrypt, rows: 10_000, values: 1 << 18);
        await _runs.RunAsync(fortran, _runs.At("y.npy"), BatchOperation.Encrypt, rows: 10_000, values: 1 << 18);
        Assert.Equal(File.ReadAllBytes(_runs.At("x.npy")), File.ReadAllBytes(_runs.At("y.npy")));
        Assert.Equal(File.ReadAllBytes(_runs.At("x.npy.meta")), File.ReadAllBytes(_runs.At("y.npy.meta")));
    }

    [Fact]
    public async Task Rows_longer_than_a_segment_are_read_whole()
    {
        string plain = _runs.Write("p.npy", Npy("<f4", false, 3, 400_000, Value));
        Assert.Equal((3, 0), await _runs.RunAsync(plain, _runs.At("c.npy"), BatchOperation.Encrypt, values: 1 << 19));
        Assert.Equal((3, 0), await _runs.RunAsync(_runs.At("c.npy"), _runs.At("b.npy"), BatchOperation.Decrypt, values: 1 << 19));
        float[] values = Floats(File.ReadAllBytes(_runs.At("b.npy")).AsSpan(128));
        Assert.Equal(Value(2, 399_999), values[^1], 1e-5);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_rejected_row_keeps_its_place_as_NaN_with_zero_metadata_and_is_listed_again_when_decrypted(bool fortran)
    {
        byte[] plain = Npy("<f8", fortran, 10, 4, (i, j) => (i, j) switch { (3, 2) => double.NaN, (3, 3) => 1e300, (9, 0) => 1e39, _ => Value(i, j) });
        Assert.Equal((8, 2), await _runs.RunAsync(_runs.Write("p.npy", plain), _runs.At("c.npy"), BatchOperation.Encrypt));
        float[] values = Floats(File.ReadAllBytes(_runs.At("c.npy")).AsSpan(128));
        byte[] metadata = File.ReadAllBytes(_runs.At("c.npy.meta"));
        for (int i = 0; i < 10; i++)
        {
            bool rejected = i is 3 or 9;
            Assert.All(values[(i * 4)..((i + 1) * 4)], value => Assert.Equal(rejected, float.IsNaN(value)));
            Assert.Equal(rejected, metadata[(i * 54)..((i + 1) * 54)].All(b => b == 0));
        }

        int header = plain.Length - (10 * 4 * 8);
        JsonElement[] rejects = Rejects("c.npy");
        Assert.Equal(2, rejects.Length);
        Assert.Equal((3, "not-finite", "an element is NaN or infinite, element 2"), Place(rejects[0]));
        Assert.Equal((9, "out-of-range", "a number is outside the range of float32, element 0"), Place(rejects[1]));
        Assert.Equal(header + (fortran ? 3 * 8 : 3 * 32), rejects[0].GetProperty("offset").GetInt64());

        Assert.Equal((8, 2), await _runs.RunAsync(_runs.At("c.npy"), _runs.At("b.npy"), BatchOperation.Decrypt));
        Assert.Equal([(3, "missing-metadata"), (9, "missing-metadata")], Rejects("b.npy").Select(Place).Select(place => (place.Row, place.Reason)));
        float[] back = Floats(File.ReadAllBytes(_runs.At("b.npy")).AsSpan(128));
        Assert.True(float.IsNaN(back[12]) && float.IsNaN(back[39]));
        Assert.Equal(Value(4, 0), back[16], 1e-6);
    }

    [Fact]
    public async Task What_the_device_rejects_is_rejected_too()
    {
        _runs.Keys.Scaling = true;
        string plain = _runs.Write("p.fvecs", Fvecs([[1, 2], [3e38f, 0], [5]]));
        Assert.Equal((2, 1), await _runs.RunAsync(plain, _runs.At("c.fvecs"), BatchOperation.Encrypt));
        Assert.Equal((1, "overflow", "an element of the ciphertext would be NaN or infinite"), Place(Rejects("c.fvecs").Single()));

        byte[] cipher = File.ReadAllBytes(_runs.At("c.fvecs"));
        cipher[^1] ^= 1;
        File.WriteAllBytes(_runs.At("c.fvecs"), cipher);
        byte[] metadata = File.ReadAllBytes(_runs.At("c.fvecs.meta"));
        metadata[3]++;
        File.WriteAllBytes(_runs.At("c.fvecs.meta"), metadata);
        Assert.Equal((0, 3), await _runs.RunAsync(_runs.At("c.fvecs"), _runs.At("b.fvecs"), BatchOperation.Decrypt));
        Assert.Equal([(0, "unknown-key"), (1, "missing-metadata"), (2, "bad-tag")], Rejects("b.fvecs").Select(Place).Select(place => (place.Row, place.Reason)));
    }

    [Fact]
    public async Task One_way_encryption_leaves_no_metadata()
    {
        string plain = _runs.Write("p.npy", Npy("<f4", false, 5, 3, Value));
        Assert.Equal((5, 0), await _runs.RunAsync(plain, _runs.At("c.npy"), BatchOperation.EncryptOneWay, iv: IvSource.Random));
        Assert.False(File.Exists(_runs.At("c.npy.meta")));
        Assert.Equal(128 + (5 * 3 * 4), new FileInfo(_runs.At("c.npy")).Length);
    }

    private JsonElement[] Rejects(string output) =>
        [.. File.ReadLines(VectorFileNames.Rejects(_runs.At(output))).Select(line => JsonDocument.Parse(line).RootElement)];

    private static (int Row, string Reason, string Detail) Place(JsonElement reject) =>
        (reject.GetProperty("row").GetInt32(), reject.GetProperty("reason").GetString()!, reject.GetProperty("detail").GetString()!);
}
