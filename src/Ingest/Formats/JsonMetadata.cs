using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Ingest.Formats;

/// <summary>Metadata as base64 in a JSON string. Stateless.</summary>
internal static class JsonMetadata
{
    /// <summary>The largest metadata that is read: other writers may add fields to the 54 bytes.</summary>
    public const int MaxSize = 384;

    /// <summary>The base64 text of what is written.</summary>
    public const int EncodedSize = (VectorMetadata.Size + 2) / 3 * 4;

    // Every character may be an escape of six; '/' often is one of two.
    private const int MaxTextSize = MaxSize / 3 * 4;

    /// <summary>Decodes the string that a reader stands on.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="metadata">At least <see cref="MaxSize"/> bytes.</param>
    /// <param name="length">The number of bytes decoded.</param>
    public static bool TryDecode(ref Utf8JsonReader reader, scoped Span<byte> metadata, out int length)
    {
        length = 0;
        Span<byte> unescaped = stackalloc byte[MaxTextSize * 6];
        if (reader.ValueSpan.Length > unescaped.Length)
            return false;
        scoped ReadOnlySpan<byte> text = reader.ValueSpan;
        if (reader.ValueIsEscaped)
        {
            try
            {
                text = unescaped[..reader.CopyString(unescaped)];
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        }

        return text.Length <= MaxTextSize && Base64.DecodeFromUtf8(text, metadata[..MaxSize], out _, out length) == OperationStatus.Done;
    }

    /// <summary>Reads the metadata of a record into its row's IV and tag columns.</summary>
    public static bool Fill(ReadOnlySpan<byte> quoted, VectorBatch batch, int row, out Rejection rejection)
    {
        var reader = new Utf8JsonReader(quoted);
        Span<byte> metadata = stackalloc byte[MaxSize];
        if (reader.Read() && TryDecode(ref reader, metadata, out int length))
            return MetadataHeader.FillRow(metadata[..length], batch, row, out rejection);
        rejection = new Rejection(RejectReason.BadMetadata, "the metadata field is not base64 of a vector's metadata");
        return false;
    }

    /// <summary>Writes the base64 text of a row's metadata, <see cref="EncodedSize"/> bytes.</summary>
    public static int Write(VectorBatch batch, int row, Span<byte> destination)
    {
        Span<byte> metadata = stackalloc byte[VectorMetadata.Size];
        MetadataHeader.Write(batch, row, 1, metadata);
        Base64.EncodeToUtf8(metadata, destination, out _, out int written);
        return written;
    }
}
