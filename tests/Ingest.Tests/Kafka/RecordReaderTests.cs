using GpuCrypt.Ingest.Formats;
using GpuCrypt.Ingest.Kafka;

namespace GpuCrypt.Ingest.Tests.Kafka;

public sealed class RecordReaderTests : IDisposable
{
    private static readonly KafkaSourceOptions Options = new() { MaxMessageBytes = 1000, MaxSinkMessageBytes = 4000 };

    private readonly TestRoutes _routes = new();
    private readonly RecordReader _reader = new(TestRoutes.Names, Options);
    private readonly KafkaBatch _batch = new(8, 4096, Options.MaxMessageBytes);

    public void Dispose()
    {
        _batch.Dispose();
        _routes.Dispose();
    }

    [Fact]
    public void A_message_past_the_limit_is_rejected_and_keeps_its_value()
    {
        KafkaRecord record = Read(_batch, "k"u8.ToArray(), new byte[1004]);
        Assert.Equal(RejectReason.TooLarge, record.Rejection.Reason);
        Assert.Equal("the message is larger than the configured limit (bytes), expected 1000, found 1004", record.Rejection.Detail());
        Assert.True(record.HasPayload);
        Assert.Equal(1004, _batch.Arena.At(record.Payload).Length);
    }

    [Fact]
    public void A_message_that_no_batch_or_dead_letter_topic_has_room_for_is_rejected_without_its_value()
    {
        KafkaRecord record = Read(_batch, "k"u8.ToArray(), new byte[4000]);
        Assert.Equal(RejectReason.TooLarge, record.Rejection.Reason);
        Assert.False(record.HasPayload);
        Assert.Contains("its value is not kept", record.Rejection.Detail(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_past_the_limit_rejects_the_record_rather_than_being_lost_on_the_way()
    {
        foreach (int size in new[] { 1001, 1_000_000 })
        {
            KafkaRecord record = Read(_batch, new byte[size], new byte[8]);
            Assert.Equal(KafkaRecordKind.Rejected, record.Kind);
            Assert.Equal(RejectReason.TooLarge, record.Rejection.Reason);
            Assert.Equal(size, record.Rejection.Found);
            Assert.Contains("neither it nor the value is kept", record.Rejection.Detail(), StringComparison.Ordinal);
        }

        Assert.Equal(0, _batch.Vectors.Rows);
        Assert.True(Read(_batch, new byte[1000], new byte[8]).HasKey);
    }

    [Fact]
    public void A_record_moved_to_another_batch_keeps_key_headers_and_time()
    {
        using var next = new KafkaBatch(8, 4096, Options.MaxMessageBytes);
        var headers = TestRoutes.Headers(("a", "b"));
        _reader.Begin(_batch, _routes.Route(), headers, "key"u8, keyIsNull: false, consumedAt: 42);
        KafkaRecord unfinished = _batch[0];
        _batch.RemoveLast();
        // The batch goes its way meanwhile.
        _batch.Clear();
        _reader.MoveTo(unfinished, next);
        Assert.True(_reader.TryRead(next, new byte[16], isNull: false, out KafkaRecord record));
        Assert.Equal("key"u8, next.Arena.At(record.Key));
        Assert.Same(headers, record.Headers);
        Assert.Equal(42, record.ConsumedAt);
        Assert.Equal(4, record.Fields.Dimension);
    }

    [Fact]
    public void A_record_moved_within_a_batch_that_was_emptied_is_whole()
    {
        _reader.Begin(_batch, _routes.Route(), null, "first"u8, keyIsNull: false, 0);
        _batch.RemoveLast();
        _reader.Begin(_batch, _routes.Route(), TestRoutes.Headers(("a", "b")), "second"u8, keyIsNull: false, 7);
        KafkaRecord unfinished = _batch[0];
        _batch.RemoveLast();
        _batch.Clear();
        _reader.MoveTo(unfinished, _batch);
        Assert.True(_reader.TryRead(_batch, new byte[4], isNull: false, out KafkaRecord record));
        Assert.Equal("second"u8, _batch.Arena.At(record.Key));
        Assert.Equal(1, record.Headers!.Count);
        Assert.Equal(7, record.ConsumedAt);
    }

    [Fact]
    public void What_does_not_fit_leaves_the_batch_as_it_was()
    {
        var small = new KafkaSourceOptions { MaxMessageBytes = 40_000, MaxSinkMessageBytes = 100_000 };
        var reader = new RecordReader(TestRoutes.Names, small);
        using var batch = new KafkaBatch(100, 10_016, small.MaxMessageBytes);
        KafkaRoute route = _routes.Route();
        reader.Begin(batch, route, null, default, keyIsNull: true, 0);
        Assert.True(reader.TryRead(batch, new byte[32_000], isNull: false, out _));
        reader.Begin(batch, route, null, default, keyIsNull: true, 0);
        Assert.False(reader.TryRead(batch, new byte[32_000], isNull: false, out _));
        batch.RemoveLast();
        Assert.Equal((1, 1), (batch.Count, batch.Vectors.Rows));
        // A smaller one still goes in.
        reader.Begin(batch, route, null, default, keyIsNull: true, 0);
        Assert.True(reader.TryRead(batch, new byte[4000], isNull: false, out KafkaRecord record));
        Assert.Equal((1, 1000), (record.FirstRow, batch.Vectors.Dimension(1)));
    }

    private KafkaRecord Read(KafkaBatch batch, byte[] key, byte[] value)
    {
        _reader.Begin(batch, _routes.Route(), null, key, keyIsNull: false, 0);
        Assert.True(_reader.TryRead(batch, value, isNull: false, out KafkaRecord record));
        return record;
    }
}
