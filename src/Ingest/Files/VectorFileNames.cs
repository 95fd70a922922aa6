namespace GpuCrypt.Ingest.Files;

/// <summary>Names of files and of what lies beside them. Stateless.</summary>
public static class VectorFileNames
{
    /// <summary>The ends of names that are understood.</summary>
    public const string Extensions = ".npy, .fvecs or .jsonl";

    /// <summary>The kind of a file, by the end of its name.</summary>
    /// <returns>False when the end is none of <see cref="Extensions"/>.</returns>
    public static bool TryGetKind(string file, out VectorFileKind kind)
    {
        (bool known, kind) = Path.GetExtension(file).ToUpperInvariant() switch
        {
            ".NPY" => (true, VectorFileKind.Npy),
            ".FVECS" => (true, VectorFileKind.Fvecs),
            ".JSONL" => (true, VectorFileKind.JsonLines),
            _ => (false, VectorFileKind.Npy),
        };
        return known;
    }

    /// <summary>Where the metadata of a binary ciphertext file is: n × 54 bytes, row i at 54·i.</summary>
    public static string Metadata(string file) => file + ".meta";

    /// <summary>Where the rows that were rejected on the way to a file are listed, one JSON object a line.</summary>
    public static string Rejects(string file) => file + ".rejects.jsonl";
}
