using FsCheck;
using FsCheck.Fluent;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Tests.Scheme;

public class VectorMetadataTests
{
    private static readonly byte[] Iv = [.. Enumerable.Range(1, 12).Select(i => (byte)i)];
    private static readonly byte[] Tag = [.. Enumerable.Range(100, 32).Select(i => (byte)i)];

    [Fact]
    public void Writing_then_reading_gives_the_parts_back()
    {
        byte[] metadata = new byte[VectorMetadata.Size];
        VectorMetadata.Write(uint.MaxValue, Iv, Tag, metadata);
        Assert.Equal("ffffffff81000a0c" + Convert.ToHexStringLower(Iv) + "1220" + Convert.ToHexStringLower(Tag), Convert.ToHexStringLower(metadata));
        AssertReads(metadata, uint.MaxValue);
    }

    [Fact]
    public void Fields_in_another_order_and_unknown_fields_of_every_wire_type_are_read()
    {
        byte[] metadata =
        [
            0, 0, 0, 7, 0x81, 0,
            0x18, 0x96, 0x01, // field 3, number 150
            0x12, 0x20, .. Tag,
            0x21, 1, 2, 3, 4, 5, 6, 7, 8, // field 4, 8 bytes
            0x2a, 0x02, 9, 9, // field 5, 2 bytes
            0x0a, 0x0c, .. Iv,
            0x35, 1, 2, 3, 4, // field 6, 4 bytes
        ];
        AssertReads(metadata, 7);
    }

    [Theory]
    [InlineData("", "has 0 bytes, expected 54")]
    [InlineData("0000000181", "has 5 bytes, expected 54")]
    [InlineData("000000018000", "has type byte 0x80, expected 0x81 (a standalone vector)")]
    [InlineData("000000018101", "has 0x01 as its sixth byte, expected 0x00")]
    [InlineData("000000008100", "has secret id 0, expected at least 1")]
    [InlineData("000000018100", "has no IV")]
    [InlineData("0000000181000a0c0102030405060708090a0b0c", "has no tag")]
    [InlineData("0000000181000a0b0102030405060708090a0b", "has an IV of 11 bytes, expected 12")]
    [InlineData("000000018100120101", "has a tag of 1 bytes, expected 32")]
    [InlineData("0000000181000a0c01", "ends inside a field")]
    [InlineData("0000000181000a", "ends inside a field")]
    [InlineData("00000001810021010203", "ends inside a field")]
    [InlineData("00000001810018", "has a broken number")]
    [InlineData("00000001810018ffffffffffffffffff02", "has a broken number")]
    [InlineData("0000000181000b", "has a field of unknown wire type 3")]
    [InlineData("00000001810000", "has a broken field key")]
    public void Broken_metadata_is_refused_with_its_reason(string hex, string reason)
    {
        Assert.False(VectorMetadata.TryRead(Convert.FromHexString(hex), out _, new byte[12], new byte[32], out string? error));
        Assert.Equal(reason, error);
    }

    [Fact]
    public void Arbitrary_bytes_are_read_or_refused_but_never_crash() =>
        Prop.ForAll<byte[]>(rest =>
        {
            byte[] metadata = [0, 0, 0, 1, 0x81, 0, .. rest];
            bool read = VectorMetadata.TryRead(metadata, out _, new byte[12], new byte[32], out string? error);
            return read == (error is null);
        }).QuickCheckThrowOnFailure();

    private static void AssertReads(byte[] metadata, uint expectedId)
    {
        byte[] iv = new byte[12], tag = new byte[32];
        Assert.True(VectorMetadata.TryRead(metadata, out uint id, iv, tag, out string? error), error);
        Assert.Equal(expectedId, id);
        Assert.Equal(Iv, iv);
        Assert.Equal(Tag, tag);
    }
}
