using System.Buffers.Binary;
using System.Text;
using GpuCrypt.Ingest.Formats;
using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Ingest.Tests.Formats;

public sealed class NpyFormatTests
{
    private readonly NpyFormat _format = new();

    // The bytes that numpy.save writes for numpy.array([1, 2, 3], dtype='<f4'), from the format's specification.
    private static byte[] ThreeElements =>
    [
        0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 0x01, 0x00, 0x76, 0x00,
        .. Encoding.ASCII.GetBytes("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }".PadRight(117) + "\n"),
        0x00, 0x00, 0x80, 0x3f, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0x40, 0x40,
    ];

    [Fact]
    public void A_one_dimensional_float32_array_comes_back_in_every_byte()
    {
        byte[] output = Records.RoundTrip(_format, ThreeElements, default, BatchOperation.Encrypt, out byte[] metadata);
        Assert.Equal(ThreeElements, output);
        Assert.Equal(54, metadata.Length);
    }

    [Theory]
    [InlineData("(2, 3)", 2, 3)]
    [InlineData("(1,6)", 1, 6)]
    [InlineData("( 6 , 1 , )", 6, 1)]
    [InlineData("(6L,)", 1, 6)]
    public void Shapes_give_rows_and_dimension(string shape, int rows, int dimension)
    {
        byte[] message = Records.Npy("<f4", false, shape, Records.Raw(1, 2, 3, 4, 5, 6));
        Assert.True(_format.Scan(message, default, BatchOperation.Encrypt, out RecordFields fields, out _));
        Assert.Equal((rows, dimension), (fields.Rows, fields.Dimension));
    }

    [Fact]
    public void The_output_header_is_aligned_to_64_and_keeps_the_shape()
    {
        byte[] output = Records.RoundTrip(_format, Records.Npy("<f4", false, "(2,3)", Records.Raw(1, 2, 3, 4, 5, 6)), default, BatchOperation.Encrypt, out byte[] metadata);
        Assert.Equal(128 + 24, output.Length);
        Assert.StartsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } ", Encoding.ASCII.GetString(output[10..128]), StringComparison.Ordinal);
        Assert.Equal((byte)'\n', output[127]);
        Assert.Equal(2 * 54, metadata.Length);
        Assert.Equal(metadata[..4], metadata[54..58]);
        Assert.Equal(Records.Raw(1, 2, 3, 4, 5, 6), output[128..]);
        Assert.Equal(output, Records.RoundTrip(_format, output, metadata, BatchOperation.Decrypt, out _));
    }

    [Theory]
    [InlineData("<f2")]
    [InlineData(">f2")]
    [InlineData("<f4")]
    [InlineData(">f4")]
    [InlineData("<f8")]
    [InlineData(">f8")]
    public void Every_type_and_byte_order_gives_the_same_rows_in_C_and_in_Fortran_order(string descr)
    {
        (int rows, int dimension) = (19, 37);
        for (int fortran = 0; fortran < 2; fortran++)
        {
            var data = new byte[rows * dimension * (descr[2] - '0')];
            for (int i = 0; i < rows; i++)
            {
                for (int j = 0; j < dimension; j++)
                    Put(descr, data, fortran == 1 ? (j * rows) + i : (i * dimension) + j, (i * 0.25f) - j);
            }

            using VectorBatch batch = Records.Batch();
            byte[] message = Records.Npy(descr, fortran == 1, $"({rows}, {dimension})", data);
            Assert.True(_format.Scan(message, default, BatchOperation.Encrypt, out RecordFields fields, out _));
            Assert.Equal(FillStatus.Ok, _format.Fill(message, default, fields, batch, 0, default, out _));
            for (int i = 0; i < rows; i++)
            {
                for (int j = 0; j < dimension; j++)
                    Assert.Equal((i * 0.25f) - j, batch.Input(i)[j]);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_element_that_is_not_finite_is_rejected_with_row_and_index(bool fortran)
    {
        (int rows, int dimension) = (300, 5);
        var data = new byte[rows * dimension * 4];
        BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan((fortran ? (3 * rows) + 290 : (290 * dimension) + 3) * 4), float.NaN);
        using VectorBatch batch = Records.Batch(400, 400 * 16);
        Rejection rejection = Records.Reject(_format, Records.Npy("<f4", fortran, $"({rows}, {dimension})", data), into: batch);
        Assert.Equal((RejectReason.NotFinite, 290, 3L), (rejection.Reason, rejection.Row, rejection.Element));
    }

    [Theory]
    [InlineData(3.5e38, RejectReason.OutOfRange)]
    [InlineData(-1e300, RejectReason.OutOfRange)]
    [InlineData(double.NaN, RejectReason.NotFinite)]
    [InlineData(double.PositiveInfinity, RejectReason.NotFinite)]
    public void A_float64_without_a_float32_is_rejected(double value, RejectReason reason)
    {
        var data = new byte[16];
        BinaryPrimitives.WriteDoubleBigEndian(data.AsSpan(8), value);
        Rejection rejection = Records.Reject(_format, Records.Npy(">f8", false, "(2,)", data));
        Assert.Equal((reason, 1L), (rejection.Reason, rejection.Element));
    }

    [Theory]
    [InlineData("(0,)", 1, 0)]
    [InlineData("(3, 0)", 3, 0)]
    [InlineData("(0, 4)", 0, 4)]
    [InlineData("(0, 2147483591)", 0, 2147483591)]
    public void Empty_arrays_are_legal(string shape, int rows, int dimension)
    {
        byte[] output = Records.RoundTrip(_format, Records.Npy("<f4", false, shape, []), default, BatchOperation.Encrypt, out byte[] metadata);
        Assert.Equal(54 * rows, metadata.Length);
        Assert.True(_format.Scan(output, metadata, BatchOperation.Decrypt, out RecordFields fields, out Rejection rejection), rejection.What);
        Assert.Equal((rows, dimension), (fields.Rows, fields.Dimension));
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}")]
    [InlineData("{'shape': (3,), 'descr': \"<f4\", 'fortran_order': False,}   \n")]
    [InlineData("{ 'fortran_order':True,'shape':(3,),'descr':'<f4' }\n")]
    public void The_dictionary_may_be_spelled_in_any_way_that_Python_may(string dictionary)
    {
        for (byte version = 1; version <= 3; version++)
            Assert.Equal(ThreeElements, Records.RoundTrip(_format, Records.Npy(dictionary, Records.Raw(1, 2, 3), version), default, BatchOperation.Encrypt, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{'descr': '<f4', 'fortran_order': False}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'more': 1}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'shape': (3,)}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (3)}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': ()}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 3)}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-3,)}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (3 3)}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': [3]}")]
    [InlineData("{'descr': '<f4', 'fortran_order': 0, 'shape': (3,)}")]
    [InlineData("{'descr': '<i4', 'fortran_order': False, 'shape': (3,)}")]
    [InlineData("{'descr': '=f4', 'fortran_order': False, 'shape': (3,)}")]
    [InlineData("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (3,)}")]
    [InlineData("{'descr': '<f4' 'fortran_order': False, 'shape': (3,)}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)} x")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 3)}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)")]
    [InlineData("{'descr")]
    public void Anything_else_in_the_header_is_rejected(string dictionary)
    {
        for (byte version = 1; version <= 3; version++)
            Assert.Equal(RejectReason.BadNpy, Records.Reject(_format, Records.Npy(dictionary, Records.Raw(1, 2, 3), version)).Reason);
    }

    [Fact]
    public void An_array_cut_anywhere_is_rejected()
    {
        for (int size = 0; size < ThreeElements.Length; size++)
        {
            Rejection rejection = Records.Reject(_format, ThreeElements.AsSpan(0, size));
            Assert.Equal(size < 128 ? RejectReason.BadNpy : RejectReason.WrongLength, rejection.Reason);
        }

        Assert.Equal(RejectReason.WrongLength, Records.Reject(_format, [.. ThreeElements, 0]).Reason);
    }

    [Fact]
    public void A_wrong_magic_version_or_header_length_is_rejected()
    {
        foreach ((int at, byte value) in new (int, byte)[] { (0, 0x92), (1, (byte)'n'), (5, (byte)'Z'), (6, 0), (6, 4), (7, 1) })
        {
            byte[] message = ThreeElements;
            message[at] = value;
            Assert.Equal(RejectReason.BadNpy, Records.Reject(_format, message).Reason);
        }

        byte[] endless = [0x93, .. "NUMPY"u8, 2, 0, 0xff, 0xff, 0xff, 0x7f];
        Assert.Equal(RejectReason.BadNpy, Records.Reject(_format, endless).Reason);
    }

    [Fact]
    public void Rows_under_different_secrets_in_one_record_are_rejected()
    {
        byte[] message = Records.Npy("<f4", false, "(2, 1)", Records.Raw(1, 2));
        Records.RoundTrip(_format, message, default, BatchOperation.Encrypt, out byte[] metadata);
        metadata[54 + 3]++;
        Rejection rejection = Records.Reject(_format, message, metadata, BatchOperation.Decrypt);
        Assert.Equal((RejectReason.BadMetadata, 1), (rejection.Reason, rejection.Row));
        Assert.Equal(RejectReason.BadMetadata, Records.Reject(_format, message, metadata.AsSpan(0, 54), BatchOperation.Decrypt).Reason);
    }

    [Fact]
    public void More_rows_than_a_batch_holds_are_rejected_and_more_than_it_has_room_for_wait()
    {
        using var batch = new VectorBatch(4, 64);
        byte[] message = Records.Npy("<f4", false, "(3, 2)", Records.Raw(1, 2, 3, 4, 5, 6));
        Assert.True(_format.Scan(message, default, BatchOperation.Encrypt, out RecordFields fields, out _));
        Assert.Equal(FillStatus.Ok, _format.Fill(message, default, fields, batch, 0, default, out _));
        Assert.Equal(FillStatus.BatchFull, _format.Fill(message, default, fields, batch, 0, default, out _));
        Assert.Equal(3, batch.Rows);
        byte[] large = Records.Npy("<f4", false, "(5, 0)", []);
        Assert.True(_format.Scan(large, default, BatchOperation.Encrypt, out fields, out _));
        Assert.Equal(FillStatus.Rejected, _format.Fill(large, default, fields, batch, 0, default, out Rejection rejection));
        Assert.Equal((RejectReason.TooLarge, 4, 5), (rejection.Reason, rejection.Expected, rejection.Found));
    }

    [Theory]
    [InlineData("(39768216, 0)")]
    [InlineData("(9223372036854775807, 0)")]
    public void A_few_bytes_that_claim_millions_of_empty_vectors_are_rejected(string shape)
    {
        Rejection rejection = Records.Reject(_format, Records.Npy("<f4", false, shape, []));
        Assert.Equal((RejectReason.TooLarge, 39768215), (rejection.Reason, rejection.Expected));
    }

    [Fact]
    public void Another_dimension_than_the_configured_one_is_rejected() =>
        Assert.Equal(RejectReason.WrongDimension, Records.Reject(new NpyFormat(4), ThreeElements).Reason);

    private static void Put(string descr, byte[] data, int index, float value)
    {
        switch (descr)
        {
            case "<f2":
                BinaryPrimitives.WriteHalfLittleEndian(data.AsSpan(index * 2), (Half)value);
                break;
            case ">f2":
                BinaryPrimitives.WriteHalfBigEndian(data.AsSpan(index * 2), (Half)value);
                break;
            case "<f4":
                BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(index * 4), value);
                break;
            case ">f4":
                BinaryPrimitives.WriteSingleBigEndian(data.AsSpan(index * 4), value);
                break;
            case "<f8":
                BinaryPrimitives.WriteDoubleLittleEndian(data.AsSpan(index * 8), value);
                break;
            default:
                BinaryPrimitives.WriteDoubleBigEndian(data.AsSpan(index * 8), value);
                break;
        }
    }
}
