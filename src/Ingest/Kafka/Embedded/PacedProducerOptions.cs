namespace GpuCrypt.Ingest.Kafka.Embedded;

/// <summary>
/// Writes, for each partition (the index), the offset of the first record that its readers may still need: the committed offset of a group, or the least of
/// several readers' positions. A partition whose position is not known yet is left as it is.
/// </summary>
/// <param name="offsets">One element a partition.</param>
public delegate void ReaderPositions(Span<long> offsets);

/// <summary>How far a <see cref="PacedProducer"/> may be ahead of the readers, and how it learns where they are.</summary>
public sealed class PacedProducerOptions
{
    /// <summary>
    /// The largest window in bytes: what a partition of the embedded broker holds, less one batch of the largest size a client sends by default (1 MB), since a
    /// batch falls out as a whole and its first records may have been read.
    /// </summary>
    public const int MaxWindowBytes = EmbeddedBroker.PartitionCapacityBytes - 1_048_576;

    /// <summary>Bytes a partition that may be produced and not yet acknowledged by the readers, 1 to <see cref="MaxWindowBytes"/>. Default 2 MiB.</summary>
    public int WindowBytes { get; init; } = 2 * 1024 * 1024;

    /// <summary>Records a partition that may be produced and not yet acknowledged by the readers, 1 to <see cref="EmbeddedBroker.PartitionCapacityBatches"/>. Default 20,000.</summary>
    public int WindowRecords { get; init; } = 20_000;

    /// <summary>Asked for the readers' positions every <see cref="PositionInterval"/>, from one thread; <see langword="null"/> when the program reports them itself by <c>Advance</c> or <c>AdvanceTo</c>.</summary>
    public ReaderPositions? Positions { get; init; }

    /// <summary>How often <see cref="Positions"/> is asked. Default 20 ms.</summary>
    public TimeSpan PositionInterval { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Receives the log lines of the Kafka client, from its threads; <see langword="null"/> drops them. What ends the producer is thrown, not only logged.</summary>
    public Action<string>? Log { get; init; }
}
