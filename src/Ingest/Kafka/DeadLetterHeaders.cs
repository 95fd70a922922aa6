namespace GpuCrypt.Ingest.Kafka;

/// <summary>The headers of a dead letter, added to those that the record had. UTF-8 text; none holds a value of the payload.</summary>
public static class DeadLetterHeaders
{
    /// <summary>The reason's stable name, such as <c>not-finite</c>.</summary>
    public const string Reason = "gpucrypt-reason";

    /// <summary>One line: what, where in the record, expected, found.</summary>
    public const string Detail = "gpucrypt-detail";

    /// <summary>The source topic.</summary>
    public const string Topic = "gpucrypt-source-topic";

    /// <summary>The source partition, decimal.</summary>
    public const string Partition = "gpucrypt-source-partition";

    /// <summary>The source offset, decimal.</summary>
    public const string Offset = "gpucrypt-source-offset";
}
