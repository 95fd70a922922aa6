using System.Text;
using System.Text.Json;

namespace GpuCrypt.Ingest.Formats;

/// <summary>The names of <see cref="JsonFormatOptions"/> as UTF-8. Immutable.</summary>
internal sealed class JsonFieldNames
{
    public JsonFieldNames(JsonFormatOptions options)
    {
        Id = ToUtf8(options.IdField);
        Vector = ToUtf8(options.VectorField)!;
        Tenant = ToUtf8(options.TenantField);
        DerivationPath = ToUtf8(options.DerivationPathField);
        Metadata = ToUtf8(options.MetadataField)!;
        Dimension = options.Dimension;
        MetadataPrefix = [.. ",\""u8, .. JsonEncodedText.Encode(options.MetadataField).EncodedUtf8Bytes, .. "\":\""u8];
    }

    public byte[]? Id { get; }

    public byte[] Vector { get; }

    public byte[]? Tenant { get; }

    public byte[]? DerivationPath { get; }

    public byte[] Metadata { get; }

    /// <summary>The configured dimension; 0 for any.</summary>
    public int Dimension { get; }

    /// <summary>What stands before the base64 text of a metadata field that is appended to an object.</summary>
    public byte[] MetadataPrefix { get; }

    private static byte[]? ToUtf8(string? name) => name is null ? null : Encoding.UTF8.GetBytes(name);
}
