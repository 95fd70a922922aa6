using System.Text;
using GpuCrypt.Host.Service;
using static GpuCrypt.Host.Tests.Service.SettingsFixture;

namespace GpuCrypt.Host.Tests.Service;

public sealed class SettingsDocumentTests
{
    private const string Value = "a text in double quotes, a number, true, false, null, an object or a list";

    [Theory]
    [InlineData("", "1:1: the file is no JSON here; expected an object: { and the settings")]
    [InlineData("hello", "1:1: the file is no JSON here; expected an object: { and the settings")]
    [InlineData("{", "1:2: the file is no JSON here; expected a name in double quotes and a colon, or }")]
    [InlineData("{ a: 1 }", "1:3: the file is no JSON here; expected a name in double quotes and a colon, or }")]
    [InlineData("{ 'a': 1 }", "1:3: the file is no JSON here; expected a name in double quotes and a colon, or }")]
    [InlineData("{\n \"é\" 1 }", "2:6: the file is no JSON here; expected a name in double quotes and a colon, or }")]
    [InlineData("{ \"a\": 1 \"b\": 2 }", "1:10: the file is no JSON here; expected a comma, a name in double quotes and a colon, or }")]
    [InlineData("{ \"a\": hello }", "1:8: the file is no JSON here; expected " + Value)]
    [InlineData("{ \"a\": [ 1 2 ] }", "1:12: the file is no JSON here; expected a comma and " + Value + ", or ]")]
    [InlineData("{ \"a\": [ ; ] }", "1:10: the file is no JSON here; expected " + Value + ", or ] for an empty list")]
    [InlineData("{} {}", "1:4: the file is no JSON here; expected the end of the file")]
    [InlineData("{ \"a\": [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]] }", "1:23: expected objects and lists at most 16 deep, found a deeper one")]
    public void Text_that_is_no_JSON_is_refused_by_place(string text, string expected) =>
        Assert.Equal("serve.json:" + expected, Assert.Single(Problems(text)));

    [Theory]
    [InlineData("{ \"sasl.password\": hunter2 }")]
    [InlineData("{ \"sasl.password\": nhunter2 }")]
    [InlineData("{ \"sasl.password\": 'hunter2' }")]
    [InlineData("{ \"sasl.password\": \"hunter2 }")]
    [InlineData("{ \"sasl.password\": 5hunter2 }")]
    [InlineData("{ \"sasl.password\": \"\\hunter2\" }")]
    [InlineData("hunter2")]
    public void A_syntax_error_does_not_repeat_the_text(string text) =>
        Assert.All(Problems(text), problem => Assert.DoesNotContain("unter", problem, StringComparison.Ordinal));

    [Fact]
    public void Text_that_is_not_UTF8_is_refused_by_place()
    {
        byte[] text = [.. "{\n \"é"u8, 0xFF, .. "\": 1 }"u8];

        var failure = Assert.Throws<CommandFailedException>(() => ServiceSettingsReader.Parse(text, "serve.json", NoEnvironment));

        Assert.Equal("serve.json:2:4: the file is not UTF-8 text here; save it as UTF-8", failure.Message);
        Assert.Throws<CommandFailedException>(() => ServiceSettingsReader.Parse(Encoding.Unicode.GetPreamble(), "serve.json", NoEnvironment));
    }
}
