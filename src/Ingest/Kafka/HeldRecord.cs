using Confluent.Kafka;

namespace GpuCrypt.Ingest.Kafka;

/// <summary>
/// A record that came while no batch was free: a copy, since the client's memory is only lent. There are few of them: consumption is held
/// back at once.
/// </summary>
internal sealed class HeldRecord
{
    private HeldRecord(KafkaRoute route, Headers? headers, byte[]? key, long consumedAt)
    {
        Route = route;
        Headers = headers;
        Key = key;
        ConsumedAt = consumedAt;
    }

    public KafkaRoute Route { get; }

    public Headers? Headers { get; }

    public byte[]? Key { get; }

    public byte[]? Value { get; private set; }

    public long ConsumedAt { get; }

    public int Partition { get; set; }

    public long Offset { get; set; }

    public Timestamp Timestamp { get; set; }

    /// <summary>A record of which only the key is known yet.</summary>
    public static HeldRecord Begin(KafkaRoute route, Headers? headers, ReadOnlySpan<byte> key, bool keyIsNull, long consumedAt) =>
        new(route, headers, keyIsNull ? null : key.ToArray(), consumedAt);

    /// <summary>A record that its batch has no room for.</summary>
    public static HeldRecord From(KafkaRecord unfinished) =>
        Begin(unfinished.Route, unfinished.Headers, unfinished.Batch.Arena.At(unfinished.Key), !unfinished.HasKey, unfinished.ConsumedAt);

    public void SetValue(ReadOnlySpan<byte> value, bool isNull) => Value = isNull ? null : value.ToArray();
}
