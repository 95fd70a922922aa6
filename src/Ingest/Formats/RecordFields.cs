using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Ingest.Formats;

/// <summary>
/// What a record is and where its parts lie in the message, as <see cref="IRecordFormat.Scan"/> found them. Holds no reference to the
/// message, so it can be kept until the record's rows are done.
/// </summary>
public struct RecordFields
{
    /// <summary>What is to be done to the record.</summary>
    public BatchOperation Operation { get; internal set; }

    /// <summary>The number of vectors, 0 or more.</summary>
    public int Rows { get; internal set; }

    /// <summary>The dimension of each vector, 0 or more.</summary>
    public int Dimension { get; internal set; }

    /// <summary>The id of the secret that the record is encrypted under; 0 when the record is to be encrypted.</summary>
    public uint SecretId { get; internal set; }

    /// <summary>The record's id, where the format has one inside.</summary>
    public TextField Id { get; internal set; }

    /// <summary>The tenant, where the format has one inside.</summary>
    public TextField Tenant { get; internal set; }

    /// <summary>The derivation path, where the format has one inside.</summary>
    public TextField DerivationPath { get; internal set; }

    /// <summary>The bytes of the message that the output needs again (<see cref="IRecordFormat.CopyEnvelope"/>).</summary>
    public int EnvelopeSize { get; internal set; }

    /// <summary>npy: where the elements start, and what they are.</summary>
    internal NpyHeader Npy { get; set; }

    /// <summary>json: the vector's array, brackets included.</summary>
    internal TextRange Vector { get; set; }

    /// <summary>json: what gives way to the metadata field of the output; empty where the field is inserted.</summary>
    internal TextRange MetadataHole { get; set; }

    /// <summary>json: the metadata string of the input, quotes included.</summary>
    internal TextRange Metadata { get; set; }
}

/// <summary>A stretch of a message.</summary>
internal readonly record struct TextRange(int Start, int Length)
{
    public int End => Start + Length;

    public static TextRange FromEnds(int start, int end) => new(start, end - start);
}
