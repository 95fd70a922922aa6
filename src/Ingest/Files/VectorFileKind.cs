namespace GpuCrypt.Ingest.Files;

/// <summary>The kinds of files, told by the end of the name.</summary>
public enum VectorFileKind
{
    /// <summary><c>.npy</c>: a NumPy array, n × d or one vector.</summary>
    Npy,

    /// <summary><c>.fvecs</c>: each vector as its dimension (int32) and its float32 elements, little-endian.</summary>
    Fvecs,

    /// <summary><c>.jsonl</c>: one JSON record a line.</summary>
    JsonLines,
}
