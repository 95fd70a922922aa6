using System.Text;
using GpuCrypt.Ingest.Formats;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Ingest.Tests.Formats;

/// <summary>A record's way through a format and back, with the identity in the place of a device.</summary>
internal static class Records
{
    public const uint SecretId = 0x01020304;

    public static VectorKey Key(uint secretId = SecretId) =>
        VectorKey.Derive(secretId, Encoding.ASCII.GetBytes(new string('s', 32)), "tenant", "path", 1f, scaling: false);

    public static VectorBatch Batch(int rows = 64, int values = 4096)
    {
        var batch = new VectorBatch(rows, values);
        using VectorKey key = Key();
        batch.Keys.Add(key);
        return batch;
    }

    /// <summary>Puts into the outputs what the inputs hold, with IVs and tags that depend on the row.</summary>
    public static void CopyThrough(VectorBatch batch)
    {
        for (int row = 0; row < batch.Rows; row++)
        {
            batch.Input(row).CopyTo(batch.Output(row));
            batch.OutputIv(row).Fill((byte)(row + 1));
            batch.OutputTag(row).Fill((byte)(0x80 + row));
        }
    }

    public static byte[] Encode(IRecordFormat format, in RecordFields fields, ReadOnlySpan<byte> message, VectorBatch batch, int firstRow)
    {
        var envelope = new byte[fields.EnvelopeSize];
        format.CopyEnvelope(message, fields, envelope);
        var encoded = new byte[format.MaxEncodedSize(fields)];
        int size = format.Encode(fields, envelope, batch, firstRow, encoded);
        return encoded[..size];
    }

    /// <summary>Scans, fills, copies through, encodes; the record must be in order.</summary>
    public static byte[] RoundTrip(IRecordFormat format, ReadOnlySpan<byte> message, ReadOnlySpan<byte> metadata, BatchOperation operation, out byte[] outputMetadata)
    {
        using VectorBatch batch = Batch(1024, 1 << 16);
        Assert.True(format.Scan(message, metadata, operation, out RecordFields fields, out Rejection rejection), rejection.What);
        Assert.Equal(FillStatus.Ok, format.Fill(message, metadata, fields, batch, 0, "id"u8, out rejection));
        Assert.Equal(fields.Rows, batch.Rows);
        CopyThrough(batch);
        outputMetadata = new byte[MetadataHeader.Size(fields.Rows)];
        MetadataHeader.Write(batch, 0, fields.Rows, outputMetadata);
        return Encode(format, fields, message, batch, 0);
    }

    public static string RoundTripJson(string message, BatchOperation operation, JsonFormatOptions? options = null) =>
        Encoding.UTF8.GetString(RoundTrip(new JsonFormat(options), Encoding.UTF8.GetBytes(message), default, operation, out _));

    /// <summary>What a bad record is rejected with; the batch must be as before.</summary>
    public static Rejection Reject(IRecordFormat format, ReadOnlySpan<byte> message, ReadOnlySpan<byte> metadata = default, BatchOperation operation = BatchOperation.Encrypt, VectorBatch? into = null)
    {
        using VectorBatch own = Batch();
        VectorBatch batch = into ?? own;
        Assert.True(batch.TryAddRow(3, 0, out _));
        (int rows, int used) = (batch.Rows, batch.ValuesUsed);
        if (format.Scan(message, metadata, operation, out RecordFields fields, out Rejection rejection))
            Assert.Equal(FillStatus.Rejected, format.Fill(message, metadata, fields, batch, 0, "id"u8, out rejection));
        Assert.Equal((rows, used), (batch.Rows, batch.ValuesUsed));
        Assert.NotEqual(RejectReason.None, rejection.Reason);
        return rejection;
    }

    public static Rejection RejectJson(string message, BatchOperation operation = BatchOperation.Encrypt, JsonFormatOptions? options = null) =>
        Reject(new JsonFormat(options), Encoding.UTF8.GetBytes(message), default, operation);

    public static byte[] Raw(params float[] values)
    {
        var bytes = new byte[values.Length * 4];
        Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        return bytes;
    }

    /// <summary>An array with a header written by hand.</summary>
    public static byte[] Npy(string dictionary, byte[] data, byte version = 1)
    {
        byte[] text = Encoding.UTF8.GetBytes(dictionary);
        byte[] length = version == 1 ? BitConverter.GetBytes((ushort)text.Length) : BitConverter.GetBytes((uint)text.Length);
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. text, .. data];
    }

    public static byte[] Npy(string descr, bool fortran, string shape, byte[] data) =>
        Npy($"{{'descr': '{descr}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': {shape}, }}\n", data);
}
