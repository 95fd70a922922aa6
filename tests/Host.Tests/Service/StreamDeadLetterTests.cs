using System.Text;
using Confluent.Kafka;
using GpuCrypt.Ingest.Formats;

namespace GpuCrypt.Host.Tests.Service;

/// <summary>A record that cannot be processed goes to the dead-letter topic as it came, and says why; its neighbours are processed.</summary>
[Collection(SharedServiceTests.Name)]
public sealed class StreamDeadLetterTests(SharedService service)
{
    private const string Detail = "gpucrypt-detail";
    private static readonly byte[] Good = TestVectors.Raw(1, 2, 3, 4);

    public static TheoryData<string, string> Cases => new()
    {
        { "nan", "not-finite" },
        { "infinity", "not-finite" },
        { "overflow", "overflow" },
        { "wrong length", "wrong-length" },
        { "wrong dimension", "wrong-dimension" },
        { "cut json", "bad-json" },
        { "json without id", "missing-field" },
        { "json with text for a vector", "bad-field" },
        { "json beyond float32", "out-of-range" },
        { "bad npy", "bad-npy" },
        { "npy with too little data", "wrong-length" },
        { "npy with a NaN", "not-finite" },
        { "unknown content type", "unknown-format" },
        { "no tenant", "unknown-tenant" },
        { "tenant not allowed", "unknown-tenant" },
        { "tenant not UTF-8", "unknown-key" },
        { "already encrypted", "already-encrypted" },
        { "too many rows", "too-large" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_bad_record_goes_to_the_dead_letter_topic_with_value_key_headers_and_reason(string what, string reason)
    {
        (string topic, byte[] value, (string, byte[])[] own) = Bad(what);
        (string, byte[]?)[] headers = [("trace", Encoding.UTF8.GetBytes(what)), .. own.Select(h => (h.Item1, (byte[]?)h.Item2))];
        (string, byte[]?)[] goodHeaders = topic == "strict" ? [("tenant", "alpha"u8.ToArray())] : [];
        byte[] good = topic switch
        {
            "json" => "{\"id\":1,\"vector\":[1,2,3,4]}"u8.ToArray(),
            "npy" => TestVectors.Npy("<f4", null, 4, [1, 2, 3, 4]),
            _ => Good,
        };
        RejectReason expected = Enum.GetValues<RejectReason>().Single(r => r.Name() == reason);
        long before = Count(expected);

        service.Send(topic, $"before {what}", good, goodHeaders);
        long offset = service.Send(topic, $"bad {what}", value, headers);
        service.Send(topic, $"after {what}", good, goodHeaders);

        ConsumeResult<byte[], byte[]> letter = service.TakeDeadLetter(topic, offset);
        Assert.Equal($"bad {what}", Encoding.UTF8.GetString(letter.Message.Key));
        Assert.Equal(value, letter.Message.Value);
        Assert.Equal(reason, SharedService.Text(letter, "gpucrypt-reason"));
        Assert.Equal(topic, SharedService.Text(letter, "gpucrypt-source-topic"));
        Assert.Equal("0", SharedService.Text(letter, "gpucrypt-source-partition"));
        foreach ((string name, byte[]? header) in headers)
            Assert.Equal(header, letter.Message.Headers.GetLastBytes(name));
        Assert.Equal(headers.Length + 5, letter.Message.Headers.Count);
        Assert.NotEmpty(SharedService.Text(letter, Detail)!);

        service.Take($"{topic}-out", $"before {what}");
        service.Take($"{topic}-out", $"after {what}");
        Assert.Equal(before + 1, Count(expected));
        Assert.DoesNotContain(service.TakeWhere($"{topic}-out", _ => true, 0), r => r.Message.Key is { } key && Encoding.UTF8.GetString(key) == $"bad {what}");
        // The offset is in the log line; what the record held is nowhere.
        Assert.Contains($"{topic}[0]@{offset} rejected: {reason}", service.Log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Neither_headers_nor_log_show_a_value_a_key_or_a_secret()
    {
        const string Marker = "8.7654321";
        long offset = service.Send("json", "secret-key-1", Encoding.UTF8.GetBytes($"{{\"id\":\"private-id\",\"tenant\":\"private-tenant\",\"vector\":[{Marker},9e99]}}"));
        long second = service.Send("json", "secret-key-2", Encoding.UTF8.GetBytes($"{{\"id\":\"private-id\",\"vector\":[{Marker}, private-word]}}"));
        foreach (long at in new[] { offset, second })
        {
            ConsumeResult<byte[], byte[]> letter = service.TakeDeadLetter("json", at);
            foreach (IHeader header in letter.Message.Headers)
                AssertSilent(Encoding.UTF8.GetString(header.GetValueBytes()));
        }

        AssertSilent(service.Log.ToString());

        static void AssertSilent(string text)
        {
            foreach (string secret in new[] { Marker, "9e99", "private-", "secret-key-", ServiceKeys.DefaultSecret, ServiceKeys.ScaledSecret })
                Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void A_dead_letter_that_is_sent_again_and_fails_again_names_its_new_place_once()
    {
        byte[] bad = TestVectors.Raw(1, float.NaN);
        ConsumeResult<byte[], byte[]> first = service.TakeDeadLetter("raw", service.Send("raw", "again", bad));
        (string, byte[]?)[] headers = [.. first.Message.Headers.Select(h => (h.Key, (byte[]?)h.GetValueBytes()))];
        long offset = service.Send("raw", "again", bad, headers);
        ConsumeResult<byte[], byte[]> second = service.TakeDeadLetter("raw", offset);
        Assert.Equal(5, second.Message.Headers.Count);
        Assert.Equal($"{offset}", SharedService.Text(second, "gpucrypt-source-offset"));
    }

    private static (string Topic, byte[] Value, (string, byte[])[] Headers) Bad(string what) => what switch
    {
        "nan" => ("raw", TestVectors.Raw(1, float.NaN, 3), []),
        "infinity" => ("raw", TestVectors.Raw(1, 2, float.NegativeInfinity), []),
        "overflow" => ("scaled", TestVectors.Raw(1, 3e38f, 2), []),
        "wrong length" => ("raw", [1, 2, 3, 4, 5], []),
        "wrong dimension" => ("four", TestVectors.Raw(1, 2, 3), []),
        "cut json" => ("json", "{\"id\":1,\"vector\":[1,2"u8.ToArray(), []),
        "json without id" => ("json", "{\"vector\":[1,2]}"u8.ToArray(), []),
        "json with text for a vector" => ("json", "{\"id\":1,\"vector\":\"1,2\"}"u8.ToArray(), []),
        "json beyond float32" => ("json", "{\"id\":1,\"vector\":[1e39]}"u8.ToArray(), []),
        "bad npy" => ("npy", "no array at all"u8.ToArray(), []),
        "npy with too little data" => ("npy", TestVectors.Npy("<f4", 3, 4, [1, 2, 3]), []),
        "npy with a NaN" => ("npy", TestVectors.Npy("<f2", null, 2, [1, float.NaN]), []),
        "unknown content type" => ("raw", Good, [("content-type", "image/png"u8.ToArray())]),
        "no tenant" => ("strict", Good, []),
        "tenant not allowed" => ("strict", Good, [("tenant", "gamma"u8.ToArray())]),
        "tenant not UTF-8" => ("raw", Good, [("tenant", [0xff, 0xfe])]),
        "already encrypted" => ("raw", Good, [("paired_icl_info", new byte[54])]),
        "too large" => ("raw", new byte[SharedService.MaxMessageBytes + 4], []),
        "too many rows" => ("npy", TestVectors.Npy("<f2", 300, 2, new float[600]), []),
        _ => throw new ArgumentOutOfRangeException(nameof(what), what, null),
    };

    private long Count(RejectReason reason) => service.Service.Counters.RejectedByReason().FirstOrDefault(r => r.Reason == reason).Count;
}
