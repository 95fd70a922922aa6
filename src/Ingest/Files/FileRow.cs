using GpuCrypt.Ingest.Formats;

namespace GpuCrypt.Ingest.Files;

/// <summary>One row of a file on its way from reader to writer.</summary>
public struct FileRow
{
    /// <summary>The row, from 0; in JSON lines the line, from 1.</summary>
    public long Number { get; internal set; }

    /// <summary>Where it starts in the input file, in bytes.</summary>
    public long Offset { get; internal set; }

    /// <summary>Its row in the batch; −1 when it has none.</summary>
    public int BatchRow { get; internal set; }

    /// <summary>Its dimension, also when it was rejected.</summary>
    public int Dimension { get; internal set; }

    /// <summary>Why it was rejected, when it was.</summary>
    public Rejection Rejection { get; internal set; }

    /// <summary>JSON lines: where the text that goes around the vector starts in the batch's text.</summary>
    internal int TextStart { get; set; }

    /// <summary>JSON lines: its length.</summary>
    internal int TextLength { get; set; }

    /// <summary>JSON lines: the index of its fields in the batch.</summary>
    internal int FieldsIndex { get; set; }
}
