using System.Collections.Concurrent;
using System.Text;
using Confluent.Kafka;
using GpuCrypt.Ingest.Kafka;
using GpuCrypt.Ingest.Kafka.Embedded;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices.Cpu;

namespace GpuCrypt.Ingest.Tests.Kafka;

/// <summary>The sink by itself: batches are filled by hand.</summary>
public sealed class KafkaSinkTests : IKafkaSinkObserver, IDisposable
{
    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("out", 1), ("dead", 1) } });
    private readonly TestRoutes _routes = new();
    private readonly CpuDevice _device = new(threads: 1);
    private readonly KafkaBatch _batch = new(100, 65536, 20_000);
    private readonly RecordReader _reader = new(TestRoutes.Names, new KafkaSourceOptions { MaxMessageBytes = 20_000, MaxSinkMessageBytes = 100_000 });
    private readonly ConcurrentQueue<string> _events = new();
    private readonly ManualResetEventSlim _delivered = new();

    public void Dispose()
    {
        _device.Dispose();
        _batch.Dispose();
        _routes.Dispose();
        _broker.Dispose();
        _delivered.Dispose();
    }

    [Theory]
    [InlineData(TimestampType.LogAppendTime)]
    [InlineData(TimestampType.CreateTime)]
    public void A_time_that_the_sources_broker_gave_is_kept(TimestampType type)
    {
        using KafkaSink sink = NewSink();
        Add("k"u8, new byte[16]).Timestamp = new Timestamp(1_500_000_000_123, type);
        Add("n"u8, new byte[16]).Timestamp = new Timestamp(0, TimestampType.NotAvailable);
        Deliver(sink);
        List<ConsumeResult<byte[], byte[]>> records = Read("out", 2);
        Assert.Equal(1_500_000_000_123, records[0].Message.Timestamp.UnixTimestampMs);
        Assert.InRange(records[1].Message.Timestamp.UtcDateTime, DateTime.UtcNow.AddMinutes(-1), DateTime.UtcNow.AddMinutes(1));
    }

    [Fact]
    public void A_record_that_the_sink_refuses_becomes_a_dead_letter_that_looks_like_no_ciphertext()
    {
        using KafkaSink sink = NewSink(maxMessage: 2000);
        Add("small"u8, new byte[400]);
        Add("large"u8, new byte[4000], ("trace", "x"));
        Add("small"u8, new byte[400]);
        Deliver(sink);
        Assert.Equal(2, Read("out", 2).Count);
        ConsumeResult<byte[], byte[]> letter = Assert.Single(Read("dead", 1));
        Assert.Equal("large"u8, letter.Message.Key);
        Assert.Null(letter.Message.Value);
        Assert.Equal("too-large", Text(letter, DeadLetterHeaders.Reason));
        Assert.Contains("its value is not kept", Text(letter, DeadLetterHeaders.Detail), StringComparison.Ordinal);
        Assert.Equal("x", Text(letter, "trace"));
        // Sent again it would be taken for a ciphertext.
        Assert.False(letter.Message.Headers.TryGetLastBytes(TestRoutes.Names.Metadata, out _));
        Assert.Equal(6, letter.Message.Headers.Count);
    }

    [Fact]
    public void A_dead_letter_that_is_refused_goes_without_its_value_and_if_need_be_with_its_place_alone()
    {
        using KafkaSink sink = NewSink(maxMessage: 2000);
        Add("value"u8, [.. new byte[4000], 1], ("trace", "x"));
        Add("headers"u8, [.. new byte[40], 1], ("trace", new string('x', 4000)));
        Add("both"u8, [.. new byte[4000], 1], ("trace", new string('x', 4000)));
        Deliver(sink);
        List<ConsumeResult<byte[], byte[]>> letters = [.. Read("dead", 3).OrderBy(l => Text(l, DeadLetterHeaders.Offset))];
        Assert.Equal(3, letters.Count);
        Assert.All(letters, l => Assert.Null(l.Message.Value));
        Assert.All(letters, l => Assert.Equal("wrong-length", Text(l, DeadLetterHeaders.Reason)));
        Assert.Equal(("value", "x"), (Encoding.UTF8.GetString(letters[0].Message.Key), Text(letters[0], "trace")));
        foreach (ConsumeResult<byte[], byte[]> bare in letters.Skip(1))
        {
            Assert.Null(bare.Message.Key);
            Assert.Equal(5, bare.Message.Headers.Count);
        }
    }

    [Fact]
    public void Errors_that_the_client_retries_are_not_seen_and_lose_and_double_nothing()
    {
        using KafkaSink sink = NewSink();
        _broker.FailNextRequests(KafkaRequest.Produce, ErrorCode.NotEnoughReplicas, ErrorCode.NotLeaderForPartition, ErrorCode.RequestTimedOut);
        for (int i = 0; i < 20; i++)
            Add(Encoding.UTF8.GetBytes($"k{i}"), new byte[40]);
        Deliver(sink);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"k{i}"), Read("out", 20).Select(r => Encoding.UTF8.GetString(r.Message.Key)));
        Assert.Empty(_events);
    }

    [Fact]
    public void Unacknowledged_counts_down_from_all_to_none()
    {
        using KafkaSink sink = NewSink();
        for (int i = 0; i < 5; i++)
            Add("k"u8, new byte[40]);
        Assert.Equal(5, _batch.Unacknowledged);
        Deliver(sink);
        Assert.Equal(0, _batch.Unacknowledged);
        _batch.Clear();
        Assert.Equal(0, _batch.Unacknowledged);
    }

    void IKafkaSinkObserver.OnRejected(KafkaRecord record) => _events.Enqueue($"rejected {record.Offset}");

    void IKafkaSinkObserver.OnRecordDelivered(KafkaRecord record)
    {
    }

    void IKafkaSinkObserver.OnRecordFailed(KafkaRecord record, Error error) => _events.Enqueue($"failed {record.Offset} {error.Code}");

    void IKafkaSinkObserver.OnBatchDelivered(KafkaBatch batch) => _delivered.Set();

    void IKafkaSinkObserver.OnSinkError(Error error)
    {
    }

    void IKafkaSinkObserver.OnSinkLog(LogMessage message)
    {
    }

    private static string? Text(ConsumeResult<byte[], byte[]> record, string header) =>
        record.Message.Headers.TryGetLastBytes(header, out byte[] bytes) ? Encoding.UTF8.GetString(bytes) : null;

    private KafkaSink NewSink(int maxMessage = 100_000) => new(
        new ProducerConfig
        {
            BootstrapServers = _broker.BootstrapServers,
            EnableIdempotence = true,
            Acks = Acks.All,
            MaxInFlight = 1,
            MessageTimeoutMs = 0,
            MessageMaxBytes = maxMessage,
            LingerMs = 2,
            DeliveryReportFields = "none",
            RetryBackoffMs = 20,
        },
        TestRoutes.Names,
        this);

    private KafkaRecord Add(ReadOnlySpan<byte> key, byte[] value, params (string, string)[] headers)
    {
        _reader.Begin(_batch, _routes.Route(), headers.Length == 0 ? null : TestRoutes.Headers(headers), key, keyIsNull: false, 0);
        Assert.True(_reader.TryRead(_batch, value, isNull: false, out KafkaRecord record));
        record.Offset = _batch.Count - 1;
        return record;
    }

    private void Deliver(KafkaSink sink)
    {
        _device.Submit(_batch.Vectors, BatchOperation.Encrypt);
        _device.Wait(_batch.Vectors);
        sink.Produce(_batch, CancellationToken.None);
        for (var time = System.Diagnostics.Stopwatch.StartNew(); !_delivered.Wait(20) && time.Elapsed < TimeSpan.FromSeconds(10);)
            sink.RetryFailed(CancellationToken.None);
        Assert.True(_delivered.IsSet, $"not delivered: {string.Join(", ", _events.TakeLast(10))}");
    }

    private List<ConsumeResult<byte[], byte[]>> Read(string topic, int count)
    {
        using IConsumer<byte[], byte[]> consumer = KafkaClients.Consumer(_broker.BootstrapServers, configure: c => c.FetchWaitMaxMs = 10);
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        return consumer.Take(count);
    }
}
