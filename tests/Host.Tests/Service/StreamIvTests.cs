using System.Text;
using Confluent.Kafka;

namespace GpuCrypt.Host.Tests.Service;

/// <summary>Synthetic IVs make a replay repeat its ciphertext; random ones do not.</summary>
[Collection(SharedServiceTests.Name)]
public sealed class StreamIvTests(SharedService service)
{
    [Theory]
    [InlineData("raw", true)]
    [InlineData("random", false)]
    public void A_replayed_record_repeats_its_ciphertext_with_synthetic_ivs_alone(string topic, bool same)
    {
        byte[] value = TestVectors.Raw(TestVectors.Random(1, 100));
        for (int i = 0; i < 3; i++)
            service.Send(topic, "replayed", value, ("attempt", [(byte)i]));
        IReadOnlyList<ConsumeResult<byte[], byte[]>> results = service.TakeAll($"{topic}-out", "replayed", 3);
        Assert.Equal(same ? 1 : 3, results.Select(r => Convert.ToHexString(r.Message.Value)).Distinct().Count());
        Assert.Equal(same ? 1 : 3, results.Select(r => Convert.ToHexString(r.Message.Headers.GetLastBytes("paired_icl_info"))).Distinct().Count());
    }

    [Fact]
    public void The_same_vector_of_another_record_has_another_ciphertext()
    {
        byte[] value = TestVectors.Raw(TestVectors.Random(2, 50));
        service.Send("raw", "iv-a", value);
        service.Send("raw", "iv-b", value);
        service.Send("raw", "iv-c", value, ("id", "iv-a"u8.ToArray()));
        service.Send("raw", "iv-d", value, ("id", "other"u8.ToArray()));
        byte[] a = service.Take("raw-out", "iv-a").Message.Value;
        Assert.NotEqual(a, service.Take("raw-out", "iv-b").Message.Value);
        // The id header names a record before its key does.
        Assert.Equal(a, service.Take("raw-out", "iv-c").Message.Value);
        Assert.NotEqual(a, service.Take("raw-out", "iv-d").Message.Value);
    }

    [Fact]
    public void Records_without_id_and_key_are_named_by_their_place()
    {
        byte[] value = TestVectors.Raw(TestVectors.Random(3, 50));
        for (int i = 0; i < 2; i++)
            service.Send("raw", (string?)null, value, ("mark", "nameless"u8.ToArray()));
        IReadOnlyList<ConsumeResult<byte[], byte[]>> results = service.TakeWhere("raw-out", r => SharedService.Text(r, "mark") == "nameless", 2);
        Assert.NotEqual(results[0].Message.Value, results[1].Message.Value);
    }

    [Fact]
    public void The_rows_of_one_array_have_ivs_of_their_own()
    {
        float[] row = TestVectors.Random(4, 20);
        service.Send("npy", "equal rows", TestVectors.Npy("<f4", 3, 20, [.. row, .. row, .. row]));
        Message<byte[], byte[]> result = service.Take("npy-out", "equal rows").Message;
        string[] rows = [.. Enumerable.Range(0, 3).Select(i => Convert.ToHexString(TestVectors.NpyData(result.Value).Slice(i * 80, 80)))];
        Assert.Equal(3, rows.Distinct().Count());
        Assert.Equal(3 * 54, result.Headers.GetLastBytes("paired_icl_info").Length);
        Assert.Equal("equal rows", Encoding.UTF8.GetString(result.Key));
    }
}
