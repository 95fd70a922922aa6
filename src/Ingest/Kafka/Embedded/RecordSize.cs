using System.Text;
using Confluent.Kafka;

namespace GpuCrypt.Ingest.Kafka.Embedded;

/// <summary>The most bytes that a record takes in a partition's log, before compression (Kafka's record format, magic 2).</summary>
internal static class RecordSize
{
    // Alone in its batch: the batch's header, 61 bytes; length, offset delta, key length, value length and header count at 5 bytes, timestamp delta at 10, attributes.
    private const int Frame = 61 + (5 * 5) + 10 + 1;

    // The lengths of name and value.
    private const int HeaderFrame = 5 + 5;

    public static int UpperBound(Message<byte[], byte[]> message)
    {
        int size = Frame + (message.Key?.Length ?? 0) + (message.Value?.Length ?? 0);
        if (message.Headers is { } headers)
        {
            for (int i = 0; i < headers.Count; i++)
                size += HeaderFrame + Encoding.UTF8.GetByteCount(headers[i].Key) + (headers[i].GetValueBytes()?.Length ?? 0);
        }
        return size;
    }
}
