namespace GpuCrypt.Ingest.Kafka;

/// <summary>
/// Arrays of exact lengths, one a length: a Kafka serializer's array is sent whole, and librdkafka copies it before Produce returns, so
/// one array serves all messages of a length. Not thread-safe.
/// </summary>
internal sealed class ExactBuffers
{
    // Enough for topics that mix many dimensions; text, whose lengths all differ, stays bounded.
    private const int MostBuffers = 128;
    private const int LargestKept = 1 << 20;

    private readonly Dictionary<int, byte[]> _buffers = [];
    private byte[] _last = [];

    /// <summary>An array of a length, with whatever the last user left in it.</summary>
    public byte[] Get(int length)
    {
        if (_last.Length == length)
            return _last;
        if (!_buffers.TryGetValue(length, out byte[]? buffer))
        {
            buffer = new byte[length];
            if (_buffers.Count < MostBuffers && length <= LargestKept)
                _buffers.Add(length, buffer);
            else
                return buffer;
        }

        return _last = buffer;
    }
}
