using System.Text;
using GpuCrypt.Ingest.Formats;
using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Ingest.Tests.Formats;

public sealed class FormatAllocationTests
{
    [Fact]
    public void Raw_allocates_nothing_per_message()
    {
        byte[] message = Records.Raw([.. Enumerable.Range(0, 384).Select(i => i * 0.5f)]);
        Assert.Equal(0, Measure(new RawFormat(), message));
    }

    [Theory]
    [InlineData("<f2", false)]
    [InlineData(">f2", true)]
    [InlineData("<f4", false)]
    [InlineData(">f4", true)]
    [InlineData(">f8", false)]
    public void Npy_allocates_nothing_per_message(string descr, bool fortran) =>
        Assert.Equal(0, Measure(new NpyFormat(), Records.Npy(descr, fortran, "(4, 96)", new byte[4 * 96 * (descr[2] - '0')])));

    [Fact]
    public void Json_allocates_nothing_per_message()
    {
        string vector = string.Join(", ", Enumerable.Range(0, 384).Select(i => i * 0.001));
        byte[] message = Encoding.UTF8.GetBytes($$"""{"id":"a","tenant":"t\u0031","vector":[{{vector}}],"more":{"x":[1,2]} }""");
        Assert.Equal(0, Measure(new JsonFormat(new JsonFormatOptions { TenantField = "tenant" }), message));
    }

    private static long Measure(IRecordFormat format, byte[] message)
    {
        using VectorBatch batch = Records.Batch();
        var envelope = new byte[message.Length];
        var output = new byte[1 << 16];
        var metadata = new byte[54 * 8];
        byte[] encrypted = [], beside = [];
        int size = Pass(encrypt: true);
        Assert.True(size > 0);
        encrypted = output[..size];
        beside = format.MetadataInside ? [] : metadata[..(54 * batch.Rows)];
        Assert.True(Pass(encrypt: false) > 0);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            Pass(encrypt: true);
            Pass(encrypt: false);
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;

        int Pass(bool encrypt)
        {
            byte[] input = encrypt ? message : encrypted;
            ReadOnlySpan<byte> came = encrypt ? default : beside;
            batch.Truncate(0);
            if (!format.Scan(input, came, encrypt ? BatchOperation.Encrypt : BatchOperation.Decrypt, out RecordFields fields, out _)
                || format.Fill(input, came, fields, batch, 0, default, out _) != FillStatus.Ok)
                return -1;
            Records.CopyThrough(batch);
            format.CopyEnvelope(input, fields, envelope);
            MetadataHeader.Write(batch, 0, fields.Rows, metadata);
            return format.Encode(fields, envelope, batch, 0, output);
        }
    }
}
