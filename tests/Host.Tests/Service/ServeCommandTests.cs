using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using GpuCrypt.Host.Service;
using GpuCrypt.Host.Service.Configuration;

namespace GpuCrypt.Host.Tests.Service;

/// <summary>The command as its users run it.</summary>
public sealed class ServeCommandTests
{
    [Fact]
    public async Task Wrong_settings_end_the_program_with_2_and_a_line_for_each_before_anything_starts()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["serve.json"], SettingsFixture.With("\"threads\": \"many\", \"bach\": 1"));

        GpuCryptResult result = await GpuCryptProcess.RunAsync(
            ["serve", "--config", "serve.json"], new Dictionary<string, string?> { ["GPUCRYPT_LOG__LEVEL"] = "loud" }, folder: folder.Path);

        Assert.Equal(ExitCodes.Usage, result.ExitCode);
        Assert.Equal("", result.Output);
        Assert.Equal(
            [
                "gpucrypt: serve.json:5:12: threads: expected a whole number from 0 to 1024, found \"many\"",
                "gpucrypt: serve.json:5:20: bach: unknown setting; did you mean batch?",
                "gpucrypt: GPUCRYPT_LOG__LEVEL: log.level: expected trace, debug, information, warning or error, found \"loud\"",
            ],
            result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(["serve.json"], Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Help_lists_options_and_every_setting()
    {
        GpuCryptResult result = await GpuCryptProcess.RunAsync(["serve", "--help"]);

        Assert.Equal(ExitCodes.Done, result.ExitCode);
        Assert.Contains("--embedded-broker", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("--help-markdown", result.Output, StringComparison.Ordinal);
        Assert.All(ServiceSettingsTable.Leaves, leaf => Assert.Contains($"  {leaf.Path} (", result.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Print_config_prints_what_file_and_environment_come_to()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["serve.json"], SettingsFixture.Minimal);

        GpuCryptResult result = await GpuCryptProcess.RunAsync(
            ["serve", "-c", folder["serve.json"], "--print-config"],
            new Dictionary<string, string?> { ["GPUCRYPT_THREADS"] = "7", ["GPUCRYPT_KAFKA__PROPERTIES__SASL_PASSWORD"] = "hunter2" });

        Assert.Equal((ExitCodes.Done, ""), (result.ExitCode, result.Error));
        ServiceSettings settings = SettingsFixture.Parse(result.Output);
        Assert.Equal((7, "plain"), (settings.Threads, settings.Topics[0].Source));
        Assert.Equal("(redacted)", settings.Kafka.Properties["sasl.password"]);
    }

    [Theory]
    [InlineData(PosixSignal.SIGTERM)]
    [InlineData(PosixSignal.SIGINT)]
    public async Task A_signal_to_stop_ends_the_service_in_order_also_when_it_comes_twice_at_once(PosixSignal signal)
    {
        using var folder = new TemporaryFolder();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var environment = new Dictionary<string, string?>
        {
            ["GPUCRYPT_KEYRING"] = folder["keyring.json"],
            ["GPUCRYPT_TOPICS__0__SOURCE"] = "plain",
            ["GPUCRYPT_TOPICS__0__SINK"] = "encrypted",
        };
        Assert.Equal(ExitCodes.Done, (await GpuCryptProcess.RunAsync(["keys", "new"], environment)).ExitCode);
        using Process service = GpuCryptProcess.Start(["serve", "--embedded-broker"], environment, folder.Path);
        var log = new StringBuilder();
        try
        {
            while (!log.ToString().Contains("plain -> encrypted", StringComparison.Ordinal))
                log.AppendLine(await service.StandardError.ReadLineAsync(limit.Token) ?? throw new InvalidOperationException($"The service ended: {log}"));

            string name = signal == PosixSignal.SIGTERM ? "-TERM" : "-INT";
            string id = service.Id.ToString(CultureInfo.InvariantCulture);
            using Process kill = Process.Start("/bin/sh", ["-c", "kill $0 $1; kill $0 $1", name, id]);
            await kill.WaitForExitAsync(limit.Token);
            log.Append(await service.StandardError.ReadToEndAsync(limit.Token));
            await service.WaitForExitAsync(limit.Token);
        }
        finally
        {
            if (!service.HasExited)
                service.Kill(entireProcessTree: true);
        }

        Assert.Contains("stopped: 0 records in", log.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Done, service.ExitCode);
    }

    [Fact]
    public async Task Help_markdown_prints_the_page()
    {
        GpuCryptResult result = await GpuCryptProcess.RunAsync(["serve", "--help-markdown"]);

        Assert.Equal((ExitCodes.Done, SettingsPage.Create()), (result.ExitCode, result.Output));
    }
}
