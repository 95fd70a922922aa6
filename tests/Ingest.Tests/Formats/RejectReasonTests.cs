using System.Text;
using GpuCrypt.Ingest.Formats;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Ingest.Tests.Formats;

public sealed class RejectReasonTests
{
    [Fact]
    public void Every_reason_has_a_kebab_case_name_of_its_own()
    {
        string[] names = [.. Enum.GetValues<RejectReason>().Select(reason => reason.Name())];
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.All(names, name => Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", name));
        Assert.All(Enum.GetValues<RejectReason>(), reason => Assert.Equal(reason.ToString(), string.Concat(reason.Name().Split('-').Select(part => char.ToUpperInvariant(part[0]) + part[1..]))));
    }

    [Theory]
    [InlineData(RowStatus.Overflow, "overflow: an element of the ciphertext would be NaN or infinite, row 3")]
    [InlineData(RowStatus.BadTag, "bad-tag: the tag does not belong to this ciphertext, IV and key, row 3")]
    [InlineData(RowStatus.InvalidKey, "invalid-key: the key's scaling factor is 0, row 3")]
    public void A_device_status_has_its_reason(RowStatus status, string expected) => Assert.Equal(expected, Rejection.FromStatus(status, 3).ToString());

    [Fact]
    public void A_row_that_was_not_processed_has_no_reason() => Assert.Throws<ArgumentOutOfRangeException>(() => Rejection.FromStatus(RowStatus.Pending, 0));

    [Theory]
    [InlineData("application/json", "json")]
    [InlineData("Application/JSON; charset=utf-8", "json")]
    [InlineData(" npy ", "npy")]
    [InlineData("application/x-npy", "npy")]
    [InlineData("application/octet-stream", "raw")]
    [InlineData("raw", "raw")]
    [InlineData("text/plain", null)]
    [InlineData("", null)]
    public void A_content_type_chooses_the_format(string header, string? name)
    {
        var formats = new RecordFormatSet(new RawFormat(), new NpyFormat(), new JsonFormat());
        Assert.Equal(name, formats.ByContentType(Encoding.ASCII.GetBytes(header))?.Name);
        Assert.Equal(["raw", "npy", "json"], formats.Names);
        Assert.Null(formats.ByName("csv"));
    }
}
