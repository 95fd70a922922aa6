namespace GpuCrypt.Ingest.Kafka;

/// <summary>
/// Arrays of exact lengths, one a length: a Kafka serializer's array is sent whole, and librdkafka copies it before Produce returns, so
/// one array serves all messages of a length. Not thread-safe.
/// </summary>
internal sealed class ExactBuffers
{
    // Texts of one dimension have a few hundred lengths; what mixes more of them stays bounded.
    private const int MostBytes = 16 << 20;
    private const int LargestKept = 1 << 20;

    private readonly Dictionary<int, byte[]> _buffers = [];
    private byte[] _last = [];
    private int _bytes;

    /// <summary>An array of a length, with whatever the last user left in it.</summary>
    public byte[] Get(int length)
    {
        if (_last.Length == length)
            return _last;
        if (!_buffers.TryGetValue(length, out byte[]? buffer))
        {
            buffer = new byte[length];
            if (length > LargestKept || _bytes + length > MostBytes)
                return buffer;
            _bytes += length;
            _buffers.Add(length, buffer);
        }

        return _last = buffer;
    }
}
