namespace GpuCrypt.Ingest.Formats;

/// <summary>The names of the fields of a JSON record, and its limits. Names are compared after escapes are resolved, and with case.</summary>
public sealed record JsonFormatOptions
{
    /// <summary>The field that names the record: a string or a number. Null when records have none.</summary>
    public string? IdField { get; init; } = "id";

    /// <summary>The field with the vector: an array of numbers.</summary>
    public string VectorField { get; init; } = "vector";

    /// <summary>The field with the tenant, a string; null when the tenant is not in the record.</summary>
    public string? TenantField { get; init; }

    /// <summary>The field with the derivation path, a string; null when it is not in the record.</summary>
    public string? DerivationPathField { get; init; }

    /// <summary>The field that holds the metadata of a ciphertext in base64.</summary>
    public string MetadataField { get; init; } = "paired_icl_info";

    /// <summary>The dimension that every vector must have; 0 for any.</summary>
    public int Dimension { get; init; }

    /// <summary>The deepest nesting that is read.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>The largest message that is read, in bytes.</summary>
    public int MaxMessageSize { get; init; } = 64 << 20;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">A name is empty or used twice, or a limit is below 1.</exception>
    public void Validate()
    {
        string?[] names = [IdField, VectorField, TenantField, DerivationPathField, MetadataField];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string? name in names)
        {
            if (name is null)
                continue;
            if (name.Length == 0)
                throw new ArgumentException("A JSON field name is empty, expected at least one character.");
            if (!seen.Add(name))
                throw new ArgumentException($"The JSON field name '{name}' is given two meanings, expected one each.");
        }

        if (VectorField is null || MetadataField is null)
            throw new ArgumentException("A JSON record needs a vector field and a metadata field.");
        ArgumentOutOfRangeException.ThrowIfNegative(Dimension);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDepth, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxMessageSize, 1);
    }
}
