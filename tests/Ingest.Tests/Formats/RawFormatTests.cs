using GpuCrypt.Ingest.Formats;
using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Ingest.Tests.Formats;

public sealed class RawFormatTests
{
    private readonly RawFormat _format = new();

    [Fact]
    public void A_message_is_one_row_of_its_little_endian_elements()
    {
        using VectorBatch batch = Records.Batch();
        byte[] message = [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0];
        Assert.True(_format.Scan(message, default, BatchOperation.Encrypt, out RecordFields fields, out _));
        Assert.Equal(FillStatus.Ok, _format.Fill(message, default, fields, batch, 0, default, out _));
        Assert.Equal([1f, -2f], batch.Input(0).ToArray());
        Assert.Equal((1, 2), (fields.Rows, fields.Dimension));
    }

    [Fact]
    public void Output_is_the_bits_of_the_output_row()
    {
        byte[] message = Records.Raw(1.5f, -0f, float.Epsilon, float.MaxValue);
        Assert.Equal(message, Records.RoundTrip(_format, message, default, BatchOperation.Encrypt, out byte[] metadata));
        Assert.Equal(54, metadata.Length);
        Assert.Equal(message, Records.RoundTrip(_format, message, metadata, BatchOperation.Decrypt, out _));
    }

    [Fact]
    public void An_empty_message_is_a_vector_of_dimension_0()
    {
        Assert.Empty(Records.RoundTrip(_format, default, default, BatchOperation.Encrypt, out byte[] metadata));
        Assert.Equal(54, metadata.Length);
    }

    [Fact]
    public void A_length_that_is_no_multiple_of_4_is_rejected_with_the_sizes()
    {
        Rejection rejection = Records.Reject(_format, new byte[7]);
        Assert.Equal((RejectReason.WrongLength, 4, 7), (rejection.Reason, rejection.Expected, rejection.Found));
        Assert.Equal("wrong-length: the message is not a whole number of float32 elements (bytes), expected 4, found 7", rejection.ToString());
    }

    [Fact]
    public void Another_dimension_than_the_configured_one_is_rejected()
    {
        Rejection rejection = Records.Reject(new RawFormat(3), Records.Raw(1, 2));
        Assert.Equal((RejectReason.WrongDimension, 3, 2), (rejection.Reason, rejection.Expected, rejection.Found));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void An_element_that_is_not_finite_is_rejected_with_its_index(float bad)
    {
        for (int d = 1; d < 70; d++)
        {
            var values = new float[d];
            values[d * 2 / 3] = bad;
            Rejection rejection = Records.Reject(_format, Records.Raw(values));
            Assert.Equal((RejectReason.NotFinite, 0, d * 2 / 3), (rejection.Reason, rejection.Row, rejection.Element));
        }
    }

    [Fact]
    public void A_full_batch_is_told_from_one_that_can_never_hold_the_vector()
    {
        using var batch = new VectorBatch(2, 32);
        byte[] message = Records.Raw(new float[16]);
        Assert.True(_format.Scan(message, default, BatchOperation.Encrypt, out RecordFields fields, out _));
        Assert.Equal(FillStatus.Ok, _format.Fill(message, default, fields, batch, 0, default, out _));
        Assert.Equal(FillStatus.Ok, _format.Fill(message, default, fields, batch, 0, default, out _));
        Assert.Equal(FillStatus.BatchFull, _format.Fill(message, default, fields, batch, 0, default, out _));
        Assert.Equal(2, batch.Rows);

        byte[] large = Records.Raw(new float[33]);
        Assert.True(_format.Scan(large, default, BatchOperation.Encrypt, out fields, out _));
        Assert.Equal(FillStatus.Rejected, _format.Fill(large, default, fields, batch, 0, default, out Rejection rejection));
        Assert.Equal((RejectReason.TooLarge, 32, 33), (rejection.Reason, rejection.Expected, rejection.Found));
    }

    [Fact]
    public void A_batch_without_room_for_the_record_id_is_full_and_an_id_beyond_any_batch_is_rejected()
    {
        using var batch = new VectorBatch(4, 64);
        var id = new byte[batch.RecordIdCapacity];
        byte[] message = Records.Raw(1);
        Assert.True(_format.Scan(message, default, BatchOperation.Encrypt, out RecordFields fields, out _));
        Assert.Equal(FillStatus.Ok, _format.Fill(message, default, fields, batch, 0, id, out _));
        Assert.Equal(FillStatus.BatchFull, _format.Fill(message, default, fields, batch, 0, "x"u8, out _));
        Assert.Equal(1, batch.Rows);
        Assert.Equal(FillStatus.Rejected, _format.Fill(message, default, fields, batch, 0, new byte[id.Length + 1], out Rejection rejection));
        Assert.Equal(RejectReason.TooLarge, rejection.Reason);
    }

    [Fact]
    public void Metadata_fills_the_IV_and_tag_columns_and_names_the_secret()
    {
        byte[] message = Records.Raw(1, 2);
        Records.RoundTrip(_format, message, default, BatchOperation.Encrypt, out byte[] metadata);
        using VectorBatch batch = Records.Batch();
        Assert.True(_format.Scan(message, metadata, BatchOperation.Decrypt, out RecordFields fields, out _));
        Assert.Equal(Records.SecretId, fields.SecretId);
        Assert.Equal(FillStatus.Ok, _format.Fill(message, metadata, fields, batch, 0, default, out _));
        Assert.Equal(Enumerable.Repeat((byte)1, 12), batch.InputIv(0).ToArray());
        Assert.Equal(Enumerable.Repeat((byte)0x80, 32), batch.InputTag(0).ToArray());
    }

    [Fact]
    public void Metadata_must_be_there_to_decrypt_and_must_not_to_encrypt()
    {
        byte[] message = Records.Raw(1);
        Records.RoundTrip(_format, message, default, BatchOperation.Encrypt, out byte[] metadata);
        Assert.Equal(RejectReason.MissingMetadata, Records.Reject(_format, message, default, BatchOperation.Decrypt).Reason);
        Assert.Equal(RejectReason.AlreadyEncrypted, Records.Reject(_format, message, metadata).Reason);
        Assert.Equal(RejectReason.AlreadyEncrypted, Records.Reject(_format, message, metadata, BatchOperation.EncryptOneWay).Reason);
        Assert.Equal(RejectReason.BadMetadata, Records.Reject(_format, message, metadata.AsSpan(0, 5), BatchOperation.Decrypt).Reason);
        Assert.Equal(RejectReason.BadMetadata, Records.Reject(_format, message, metadata.AsSpan(0, 53), BatchOperation.Decrypt).Reason);
        metadata[4] = 0x01;
        Rejection rejection = Records.Reject(_format, message, metadata, BatchOperation.Decrypt);
        Assert.Equal(RejectReason.BadMetadata, rejection.Reason);
        Assert.Contains("expected 0x81", rejection.Detail(), StringComparison.Ordinal);
    }
}
