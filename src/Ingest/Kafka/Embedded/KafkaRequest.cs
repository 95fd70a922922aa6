namespace GpuCrypt.Ingest.Kafka.Embedded;

/// <summary>Kafka's request types (the protocol's API keys) that the embedded broker answers.</summary>
#pragma warning disable CA1028 // The protocol's API key is an int16.
public enum KafkaRequest : short
#pragma warning restore CA1028
{
    /// <summary>Records to a partition.</summary>
    Produce = 0,

    /// <summary>Records from a partition.</summary>
    Fetch = 1,

    /// <summary>First or next offset of a partition.</summary>
    ListOffsets = 2,

    /// <summary>Brokers, topics, partitions and their leaders.</summary>
    Metadata = 3,

    /// <summary>A group's position is stored.</summary>
    OffsetCommit = 8,

    /// <summary>A group's stored position is read.</summary>
    OffsetFetch = 9,

    /// <summary>The broker that keeps a group or a transaction.</summary>
    FindCoordinator = 10,

    /// <summary>A member joins a group.</summary>
    JoinGroup = 11,

    /// <summary>A member is alive.</summary>
    Heartbeat = 12,

    /// <summary>A member leaves its group.</summary>
    LeaveGroup = 13,

    /// <summary>A group's assignment is handed out.</summary>
    SyncGroup = 14,

    /// <summary>What the broker can do.</summary>
    ApiVersions = 18,

    /// <summary>An idempotent or transactional producer's id.</summary>
    InitProducerId = 22,

    /// <summary>A partition joins a transaction.</summary>
    AddPartitionsToTxn = 24,

    /// <summary>A group's offsets join a transaction.</summary>
    AddOffsetsToTxn = 25,

    /// <summary>A transaction is committed or aborted.</summary>
    EndTxn = 26,

    /// <summary>A group's position is stored within a transaction.</summary>
    TxnOffsetCommit = 28,
}
