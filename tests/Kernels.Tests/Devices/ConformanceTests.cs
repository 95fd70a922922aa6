using GpuCrypt.Kernels.Conformance;
using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Kernels.Tests.Devices;

/// <summary>Every vector file on every device of this machine, bit for bit.</summary>
public class ConformanceTests
{
    public static TheoryData<string> DeviceNames => [.. DeviceCatalog.List().Select(d => d.Name)];

    [Theory]
    [MemberData(nameof(DeviceNames))]
    public void Every_vector_file_is_reproduced_in_every_bit(string device)
    {
        using IVectorDevice opened = DeviceCatalog.Open(device);
        int files = 0;
        foreach (string name in TestVectors.Names())
        {
            ConformanceResult result = ConformanceCheck.Run(opened, TestVectors.Open(name));
            Assert.True(result.Passed, $"{device}, {name}: {result.Mismatches} of {result.Vectors}; {result.FirstMismatch}");
            Assert.True(result.Vectors > 0, name);
            files++;
        }

        Assert.True(files > 80, $"only {files} vector files were found");
    }

    [Theory]
    [MemberData(nameof(DeviceNames))]
    public void Every_built_in_vector_is_reproduced_in_every_bit(string device)
    {
        using IVectorDevice opened = DeviceCatalog.Open(device);
        ConformanceResult[] results = [.. ConformanceFile.BuiltIn().Select(f => ConformanceCheck.Run(opened, f))];
        Assert.All(results, r => Assert.True(r.Passed, $"{device}, {r.File}: {r.FirstMismatch}"));
        Assert.True(results.Sum(r => r.Vectors) > 100);
    }

    /// <summary>The positive control: a check that cannot fail proves nothing.</summary>
    [Theory]
    [InlineData("cipher")]
    [InlineData("auth_hash")]
    [InlineData("paired_icl_info")]
    [InlineData("decrypted")]
    [InlineData("plain")]
    [InlineData("iv")]
    public void One_changed_bit_in_any_field_is_found_and_named(string field)
    {
        string[] lines = File.ReadAllLines(Path.Combine(TestVectors.Folder, "d7_s1_a2.236_k1.jsonl"));
        int at = lines[3].IndexOf($"\"{field}\":\"", StringComparison.Ordinal) + field.Length + 4;
        // The lowest bit of the fourth byte: the last bit of a float's fraction.
        char flipped = "1032547698badcfe"[Convert.ToInt32(lines[3][at + 7].ToString(), 16)];
        lines[3] = lines[3][..(at + 7)] + flipped + lines[3][(at + 8)..];
        using IVectorDevice device = DeviceCatalog.Open();
        ConformanceResult result = ConformanceCheck.Run(device, ConformanceFile.Read("changed", new StringReader(string.Join('\n', lines))));
        Assert.Equal(1, result.Mismatches);
        Assert.StartsWith("line 4, ", result.FirstMismatch, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("{", "line 1: not JSON")]
    [InlineData("{\"kind\":\"vec\"}", "line 1: expected kind \"params\" first")]
    [InlineData("[1]", "line 1: expected a JSON object")]
    [InlineData("{\"kind\":\"\\ud800\"}", "line 1: field \"kind\": not text")]
    [InlineData("{\"kind\":\"params\"}", "line 1: field \"secret\" is missing")]
    [InlineData("{\"kind\":\"params\",\"secret\":\"zz\"}", "line 1: field \"secret\": not hexadecimal")]
    [InlineData("{\"kind\":\"params\",\"secret\":7}", "line 1: field \"secret\": expected String, found Number")]
    public void A_broken_file_is_refused_with_its_place(string text, string reason)
    {
        FormatException e = Assert.Throws<FormatException>(() => ConformanceFile.Read("broken.jsonl", new StringReader(text)));
        Assert.StartsWith("broken.jsonl: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_differs_is_found_and_not_told()
    {
        string[] lines = File.ReadAllLines(Path.Combine(TestVectors.Folder, "d0_s0.jsonl"));
        const string Secret = "\"secret\":\"";
        int at = lines[0].IndexOf(Secret, StringComparison.Ordinal) + Secret.Length;
        lines[0] = lines[0][..at] + (lines[0][at] == '0' ? '1' : '0') + lines[0][(at + 1)..];
        ConformanceFile file = ConformanceFile.Read("changed", new StringReader(string.Join('\n', lines)));
        using IVectorDevice device = DeviceCatalog.Open();
        ConformanceResult result = ConformanceCheck.Run(device, file);
        Assert.False(result.Passed);
        Assert.StartsWith("line 1, key: ", result.FirstMismatch, StringComparison.Ordinal);
        using GpuCrypt.Kernels.Keys.VectorKey key = file.DeriveKey();
        Assert.DoesNotContain(Convert.ToHexStringLower(key.MacKey), result.FirstMismatch, StringComparison.OrdinalIgnoreCase);
    }
}
