using Confluent.Kafka;

namespace GpuCrypt.Ingest.Kafka;

/// <summary>
/// The partitions that are this consumer's, each with a number that changes whenever it is assigned anew, so that what was consumed under
/// an earlier assignment is never stored under a later one. Thread-safe.
/// </summary>
internal sealed class Assignment
{
    private readonly Dictionary<TopicPartition, Held> _held = [];
    private int _generations;

    public void Add(IEnumerable<TopicPartition> partitions)
    {
        lock (_held)
        {
            foreach (TopicPartition partition in partitions)
                _held[partition] = new Held(++_generations, -1);
        }
    }

    public void Remove(IEnumerable<TopicPartition> partitions)
    {
        lock (_held)
        {
            foreach (TopicPartition partition in partitions)
                _held.Remove(partition);
        }
    }

    /// <summary>The generation of a partition; 0 when it is not held.</summary>
    public int Generation(string topic, int partition)
    {
        lock (_held)
            return _held.TryGetValue(new TopicPartition(topic, partition), out Held held) ? held.Generation : 0;
    }

    /// <summary>Stores an offset with the client, if the partition is still held under the same assignment.</summary>
    public void Store<TKey, TValue>(IConsumer<TKey, TValue> consumer, KafkaPosition position)
    {
        var partition = new TopicPartition(position.Topic, position.Partition);
        lock (_held)
        {
            if (!_held.TryGetValue(partition, out Held held) || held.Generation != position.Generation || held.Next >= position.Next)
                return;
            _held[partition] = held with { Next = position.Next };
            try
            {
                consumer.StoreOffset(new TopicPartitionOffset(partition, position.Next));
            }
            catch (KafkaException)
            {
                // The client has let the partition go an instant ago: whoever has it now consumes these records again.
            }
        }
    }

    /// <summary>What was stored, of some partitions or of all.</summary>
    public List<TopicPartitionOffset> Stored(IEnumerable<TopicPartition>? partitions = null)
    {
        lock (_held)
        {
            return
            [
                .. (partitions ?? _held.Keys)
                    .Where(p => _held.TryGetValue(p, out Held held) && held.Next >= 0)
                    .Select(p => new TopicPartitionOffset(p, _held[p].Next)),
            ];
        }
    }

    private readonly record struct Held(int Generation, long Next);
}
