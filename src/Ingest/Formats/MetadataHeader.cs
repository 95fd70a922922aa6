using System.Buffers.Binary;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Ingest.Formats;

/// <summary>
/// Metadata beside a message: n × 54 bytes for n vectors, vector i at 54·i. For a single vector any layout of the format is read.
/// Stateless.
/// </summary>
public static class MetadataHeader
{
    /// <summary>The size for a number of rows, in bytes.</summary>
    public static int Size(int rows) => checked(rows * VectorMetadata.Size);

    /// <summary>Writes the metadata of rows that a device has encrypted.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="firstRow">The first row.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="destination">Receives <see cref="Size"/> bytes.</param>
    public static void Write(VectorBatch batch, int firstRow, int rows, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(batch);
        for (int i = 0; i < rows; i++)
        {
            int row = firstRow + i;
            uint secretId = batch.Keys[batch.TargetKeyIndex(row)].SecretId;
            VectorMetadata.Write(secretId, batch.OutputIv(row), batch.OutputTag(row), destination.Slice(i * VectorMetadata.Size, VectorMetadata.Size));
        }
    }

    /// <summary>Checks that a record has metadata exactly when the operation needs it, and finds the secret's id.</summary>
    internal static bool Scan(ReadOnlySpan<byte> metadata, BatchOperation operation, ref RecordFields fields, out Rejection rejection)
    {
        rejection = default;
        if (operation is BatchOperation.Encrypt or BatchOperation.EncryptOneWay)
        {
            if (metadata.IsEmpty)
                return true;
            rejection = new Rejection(RejectReason.AlreadyEncrypted, "the record carries encryption metadata already") { Found = metadata.Length };
            return false;
        }

        int expected = fields.Rows > (int.MaxValue / VectorMetadata.Size) ? int.MaxValue : Size(fields.Rows);
        if (metadata.IsEmpty && fields.Rows > 0)
        {
            rejection = new Rejection(RejectReason.MissingMetadata, "the record carries no encryption metadata") { Expected = expected, Found = 0 };
            return false;
        }

        if (fields.Rows == 1 ? metadata.Length < VectorMetadata.HeaderSize : metadata.Length != expected)
        {
            rejection = new Rejection(RejectReason.BadMetadata, "the metadata has the wrong number of bytes for the record's rows") { Expected = expected, Found = metadata.Length };
            return false;
        }

        for (int i = 0; i < fields.Rows; i++)
        {
            uint secretId = BinaryPrimitives.ReadUInt32BigEndian(metadata[(i * VectorMetadata.Size)..]);
            if (i > 0 && secretId != fields.SecretId)
            {
                rejection = new Rejection(RejectReason.BadMetadata, "the rows of one record are under different secrets") { Row = i, Expected = fields.SecretId, Found = secretId };
                return false;
            }

            fields.SecretId = secretId;
        }

        return true;
    }

    /// <summary>Reads the metadata of a record into the IV and tag columns of its rows.</summary>
    internal static bool Fill(ReadOnlySpan<byte> metadata, VectorBatch batch, int firstRow, int rows, out Rejection rejection)
    {
        for (int i = 0; i < rows; i++)
        {
            ReadOnlySpan<byte> one = rows == 1 ? metadata : metadata.Slice(i * VectorMetadata.Size, VectorMetadata.Size);
            if (!FillRow(one, batch, firstRow + i, out rejection))
            {
                rejection = rejection with { Row = i };
                return false;
            }
        }

        rejection = default;
        return true;
    }

    /// <summary>Reads one metadata into a row's IV and tag columns.</summary>
    internal static bool FillRow(ReadOnlySpan<byte> metadata, VectorBatch batch, int row, out Rejection rejection)
    {
        bool read = VectorMetadata.TryRead(metadata, out _, batch.InputIv(row), batch.InputTag(row), out string? error);
        rejection = read ? default : new Rejection(RejectReason.BadMetadata, $"the metadata {error}");
        return read;
    }
}
