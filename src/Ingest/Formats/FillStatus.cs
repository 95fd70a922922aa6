namespace GpuCrypt.Ingest.Formats;

/// <summary>What became of a record on its way into a batch.</summary>
public enum FillStatus
{
    /// <summary>Its rows are in the batch.</summary>
    Ok,

    /// <summary>The batch has no room for it now, and is unchanged: the record fits into an empty one.</summary>
    BatchFull,

    /// <summary>The record cannot be processed, and the batch is unchanged.</summary>
    Rejected,
}
