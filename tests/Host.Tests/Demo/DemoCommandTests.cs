using System.Text.Json;
using GpuCrypt.Host.Telemetry;

namespace GpuCrypt.Host.Tests.Demo;

/// <summary>The demo through the real program.</summary>
public sealed class DemoCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gpucrypt-").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task A_short_demo_passes_every_check_and_leaves_its_latency_log()
    {
        GpuCryptResult result = await GpuCryptProcess.RunAsync("demo", "--records", "3000", "--output", _folder, "--json");
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        using JsonDocument document = JsonDocument.Parse(result.Output);
        JsonElement demo = document.RootElement;
        Assert.True(demo.GetProperty("passed").GetBoolean());
        Assert.Equal(3000, demo.GetProperty("records").GetInt32());
        Assert.Equal(7, demo.GetProperty("checks").EnumerateArray().Count(c => c.GetProperty("held").GetBoolean()));
        Assert.True(demo.GetProperty("recall_at_10").GetProperty("right_key").GetDouble() > 0.5);
        Assert.True(demo.GetProperty("recall_at_10").GetProperty("wrong_key").GetDouble() < 0.1);
        string log = demo.GetProperty("latency_log").GetString()!;
        Assert.Equal(Path.Combine(_folder, "latency.hlog"), log);
        foreach (string stage in new[] { "ingest-wait", "fill", "device", "sink", "end-to-end" })
            Assert.Equal(3000, HistogramLogReader.Read(log).Where(e => e.Tag == stage).Sum(e => e.Histogram.TotalCount));
        // The demo's keyring has gone.
        Assert.Equal([log], Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task The_page_says_what_was_checked()
    {
        GpuCryptResult result = await GpuCryptProcess.RunAsync("demo", "--records", "2000", "--output", _folder);
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Contains("Every check held.", result.Output, StringComparison.Ordinal);
        Assert.Contains("end-to-end", result.Output, StringComparison.Ordinal);
        Assert.Contains("with a wrong key", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', result.Output);
    }

    [Theory]
    [InlineData("--records", "10")]
    [InlineData("--records", "many")]
    [InlineData("--approximation-factor", "-1")]
    [InlineData("--threads", "-1")]
    [InlineData("--device", "no-such-device")]
    public async Task Senseless_options_are_refused(string option, string value)
    {
        GpuCryptResult result = await GpuCryptProcess.RunAsync("demo", option, value, "--output", _folder);
        Assert.Equal(option == "--device" ? 1 : 2, result.ExitCode);
        Assert.Contains(option == "--device" ? "no-such-device" : option, result.Error, StringComparison.Ordinal);
    }
}
