using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Host.Tests.Service;

/// <summary>What comes out of the service for each kind of record that goes in.</summary>
[Collection(SharedServiceTests.Name)]
public sealed class StreamFormatsTests(SharedService service)
{
    private const string Metadata = "paired_icl_info";

    [Fact]
    public void Raw_vectors_of_any_dimension_share_a_topic()
    {
        int[] dimensions = [1, 2, 15, 16, 17, 100, 384, 1536, 8192];
        foreach (int d in dimensions)
            service.Send("raw", $"any-{d}", TestVectors.Raw(TestVectors.Random(d, d)));
        foreach (int d in dimensions)
        {
            Message<byte[], byte[]> result = service.Take("raw-out", $"any-{d}").Message;
            byte[] metadata = result.Headers.GetLastBytes(Metadata);
            Assert.Equal(VectorMetadata.Size, metadata.Length);
            Assert.Equal(4 * d, result.Value.Length);
            TestVectors.AssertClose(TestVectors.Random(d, d), ServiceKeys.Decrypt(result.Value, metadata));
            Assert.NotEqual(TestVectors.Raw(TestVectors.Random(d, d)), result.Value);
        }
    }

    [Fact]
    public void An_empty_vector_comes_out_empty_with_metadata()
    {
        service.Send("raw", "empty", []);
        Message<byte[], byte[]> result = service.Take("raw-out", "empty").Message;
        Assert.Empty(result.Value);
        Assert.Empty(ServiceKeys.Decrypt(result.Value, result.Headers.GetLastBytes(Metadata)));
    }

    [Fact]
    public void A_tombstone_passes_with_its_key_and_headers_and_no_metadata()
    {
        service.Send("raw", "gone", null, ("why", "deleted"u8.ToArray()));
        Message<byte[], byte[]> result = service.Take("raw-out", "gone").Message;
        Assert.Null(result.Value);
        IHeader header = Assert.Single(result.Headers);
        Assert.Equal(("why", "deleted"), (header.Key, Encoding.UTF8.GetString(header.GetValueBytes())));
    }

    [Theory]
    [InlineData("<f2", 2e-3f)]
    [InlineData("<f4", 1e-5f)]
    [InlineData("<f8", 1e-5f)]
    public void Npy_arrays_come_out_as_float32_arrays_of_the_same_shape_with_54_bytes_a_vector(string type, float tolerance)
    {
        const int Rows = 5, Dimension = 24;
        float[] values = TestVectors.Random(7, Rows * Dimension);
        service.Send("npy", $"one{type}", TestVectors.Npy(type, null, Dimension, values[..Dimension]));
        service.Send("npy", $"many{type}", TestVectors.Npy(type, Rows, Dimension, values));

        Message<byte[], byte[]> one = service.Take("npy-out", $"one{type}").Message;
        Assert.Contains($"'descr': '<f4', 'fortran_order': False, 'shape': ({Dimension},)", Encoding.Latin1.GetString(one.Value));
        TestVectors.AssertClose(values[..Dimension], ServiceKeys.Decrypt(TestVectors.NpyData(one.Value), one.Headers.GetLastBytes(Metadata)), tolerance);

        Message<byte[], byte[]> many = service.Take("npy-out", $"many{type}").Message;
        Assert.Contains($"'shape': ({Rows}, {Dimension})", Encoding.Latin1.GetString(many.Value));
        byte[] metadata = many.Headers.GetLastBytes(Metadata);
        Assert.Equal(Rows * VectorMetadata.Size, metadata.Length);
        for (int i = 0; i < Rows; i++)
        {
            float[] back = ServiceKeys.Decrypt(
                TestVectors.NpyData(many.Value).Slice(i * Dimension * 4, Dimension * 4), metadata.AsSpan(i * VectorMetadata.Size, VectorMetadata.Size));
            TestVectors.AssertClose(values[(i * Dimension)..((i + 1) * Dimension)], back, tolerance);
        }
    }

    [Fact]
    public void Json_keeps_every_byte_but_the_vector_and_gains_the_metadata_field()
    {
        float[] vector = TestVectors.Random(3, 12);
        const string Before = "  { \"id\" : \"r\\u00e9 1\",\n \"title\":\"caf\u00e9 \\\" ] }\", \"n\": 1.50e+02, \"vector\" : ";
        const string After = " , \"nested\":{\"vector\":[1,2],\"x\":[ ]} ,\"last\":null ";
        service.Send("json", "json-1", Encoding.UTF8.GetBytes(Before + TestVectors.Json(vector) + After + "} \n"));

        Message<byte[], byte[]> result = service.Take("json-out", "json-1").Message;
        string text = Encoding.UTF8.GetString(result.Value);
        using JsonDocument document = JsonDocument.Parse(result.Value);
        string encrypted = document.RootElement.GetProperty("vector").GetRawText();
        byte[] metadata = document.RootElement.GetProperty(Metadata).GetBytesFromBase64();
        Assert.Equal(VectorMetadata.Size, metadata.Length);
        Assert.Equal(
            (Before + encrypted + After + "} \n").Replace(" ", "", StringComparison.Ordinal),
            text.Replace($",\"{Metadata}\":\"{Convert.ToBase64String(metadata)}\"", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal));
        Assert.StartsWith(Before, text, StringComparison.Ordinal);
        Assert.Contains(encrypted + " , \"nested\":{\"vector\":[1,2],\"x\":[ ]} ,\"last\":null", text, StringComparison.Ordinal);
        Assert.EndsWith("} \n", text, StringComparison.Ordinal);
        Assert.False(result.Headers.TryGetLastBytes(Metadata, out _));
        TestVectors.AssertClose(vector, ServiceKeys.Decrypt(TestVectors.Raw(Floats(encrypted)), metadata));
    }

    [Fact]
    public void A_content_type_header_chooses_the_format_whatever_the_topic_says()
    {
        float[] vector = TestVectors.Random(11, 6);
        service.Send("raw", "as-npy", TestVectors.Npy("<f4", null, 6, vector), ("content-type", "npy"u8.ToArray()));
        service.Send("raw", "as-json", Encoding.UTF8.GetBytes($"{{\"id\":1,\"vector\":{TestVectors.Json(vector)}}}"), ("content-type", "application/json; charset=utf-8"u8.ToArray()));
        service.Send("json", "as-raw", TestVectors.Raw(vector), ("content-type", "application/octet-stream"u8.ToArray()));

        Message<byte[], byte[]> npy = service.Take("raw-out", "as-npy").Message;
        TestVectors.AssertClose(vector, ServiceKeys.Decrypt(TestVectors.NpyData(npy.Value), npy.Headers.GetLastBytes(Metadata)));
        Assert.Equal("npy", Encoding.UTF8.GetString(npy.Headers.GetLastBytes("content-type")));
        using JsonDocument json = JsonDocument.Parse(service.Take("raw-out", "as-json").Message.Value);
        TestVectors.AssertClose(
            vector, ServiceKeys.Decrypt(TestVectors.Raw(Floats(json.RootElement.GetProperty("vector").GetRawText())), json.RootElement.GetProperty(Metadata).GetBytesFromBase64()));
        Message<byte[], byte[]> raw = service.Take("json-out", "as-raw").Message;
        TestVectors.AssertClose(vector, ServiceKeys.Decrypt(raw.Value, raw.Headers.GetLastBytes(Metadata)));
    }

    [Fact]
    public void Key_headers_and_timestamp_stay_as_they_were()
    {
        byte[] key = [0, 255, 128, 7];
        var timestamp = new Timestamp(1_234_567_890_123, TimestampType.CreateTime);
        service.Send("raw", key, TestVectors.Raw(1, 2, 3), timestamp, ("b", [1, 2]), ("a", null), ("b", []), ("tenant", "t"u8.ToArray()));
        Message<byte[], byte[]> result = service.TakeWhere("raw-out", r => r.Message.Key is { } k && k.AsSpan().SequenceEqual(key), 1)[0].Message;
        Assert.Equal(timestamp.UnixTimestampMs, result.Timestamp.UnixTimestampMs);
        Assert.Equal(["b", "a", "b", "tenant", Metadata], result.Headers.Select(h => h.Key));
        Assert.Equal([1, 2], result.Headers[0].GetValueBytes());
        Assert.Null(result.Headers[1].GetValueBytes());
        Assert.Empty(result.Headers[2].GetValueBytes());

        // No key and an empty key are not the same.
        service.Send("raw", (string?)null, TestVectors.Raw(1, 2, 3, 4), ("mark", "no-key"u8.ToArray()));
        service.Send("raw", "", TestVectors.Raw(1, 2, 3, 4), ("mark", "empty-key"u8.ToArray()));
        Assert.Null(service.TakeWhere("raw-out", r => SharedService.Text(r, "mark") == "no-key", 1)[0].Message.Key);
        Assert.Empty(service.TakeWhere("raw-out", r => SharedService.Text(r, "mark") == "empty-key", 1)[0].Message.Key);
    }

    [Fact]
    public void Tenant_and_path_come_from_headers_then_json_fields_then_defaults()
    {
        float[] vector = TestVectors.Random(5, 8);
        byte[] Json(string fields) => Encoding.UTF8.GetBytes($"{{\"id\":\"x\",{fields}\"vector\":{TestVectors.Json(vector)}}}");
        service.Send("json", "who-default", Json(""));
        service.Send("json", "who-field", Json("\"tenant\":\"f\\u006fo\",\"path\":\"docs\\/a\","));
        service.Send("json", "who-header", Json("\"tenant\":\"foo\",\"path\":\"docs\","), ("tenant", "bar"u8.ToArray()), ("derivation-path", "images"u8.ToArray()));
        service.Send("json", "who-mixed", Json("\"tenant\":\"foo\","), ("derivation-path", "images"u8.ToArray()));

        foreach ((string key, string tenant, string path) in new[] { ("who-default", "t", "p"), ("who-field", "foo", "docs/a"), ("who-header", "bar", "images"), ("who-mixed", "foo", "images") })
        {
            using JsonDocument json = JsonDocument.Parse(service.Take("json-out", key).Message.Value);
            byte[] cipher = TestVectors.Raw(Floats(json.RootElement.GetProperty("vector").GetRawText()));
            TestVectors.AssertClose(vector, ServiceKeys.Decrypt(cipher, json.RootElement.GetProperty(Metadata).GetBytesFromBase64(), tenant, path));
        }
    }

    [Fact]
    public void Many_tenants_in_one_batch_each_have_their_own_key()
    {
        const int Records = 400, Tenants = 37;
        for (int i = 0; i < Records; i++)
            service.Send("raw", $"mix-{i}", TestVectors.Raw(TestVectors.Random(i, 1 + (i % 50))), ("tenant", Encoding.UTF8.GetBytes($"tenant {i % Tenants} ü")));
        for (int i = 0; i < Records; i++)
        {
            Message<byte[], byte[]> result = service.Take("raw-out", $"mix-{i}").Message;
            float[] back = ServiceKeys.Decrypt(result.Value, result.Headers.GetLastBytes(Metadata), $"tenant {i % Tenants} ü");
            TestVectors.AssertClose(TestVectors.Random(i, 1 + (i % 50)), back);
        }
    }

    [Fact]
    public void Another_secret_path_encrypts_with_its_own_secret_and_scaling()
    {
        float[] vector = TestVectors.Random(9, 32);
        service.Send("scaled", "big", TestVectors.Raw(vector));
        Message<byte[], byte[]> result = service.Take("scaled-out", "big").Message;
        byte[] metadata = result.Headers.GetLastBytes(Metadata);
        Assert.Equal([0, 0, 0, 7, 0x81, 0], metadata[..6]);
        TestVectors.AssertClose(vector, ServiceKeys.DecryptScaled(result.Value, metadata));
    }

    private static float[] Floats(string json) =>
        [.. json.Trim('[', ']').Split(',', StringSplitOptions.RemoveEmptyEntries).Select(n => float.Parse(n, CultureInfo.InvariantCulture))];
}
