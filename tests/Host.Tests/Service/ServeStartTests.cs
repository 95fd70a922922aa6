using System.Net;
using System.Net.Sockets;

namespace GpuCrypt.Host.Tests.Service;

/// <summary>What keeps the service from starting is one line that says what to do, and an exit code; a cluster that is away does not.</summary>
public sealed class ServeStartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_keyring_that_is_missing_or_open_to_others_is_named()
    {
        await AssertRefused(2, [_folder["none.json"]], keyring: _folder["none.json"]);
        string open = ServiceKeys.Write(_folder["open.json"]);
        File.SetUnixFileMode(open, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        await AssertRefused(2, [open, "chmod 600"], keyring: open);
    }

    [Fact]
    public async Task An_unknown_secret_path_is_named_with_those_that_there_are() =>
        await AssertRefused(2, ["topics[0].secretPath", "\"nowhere\"", "default, scaled"], topic: ", \"secretPath\": \"nowhere\"");

    [Fact]
    public async Task An_unknown_device_is_named_with_those_that_there_are() =>
        await AssertRefused(2, ["device", "\"tpu\"", "auto"], extra: ", \"device\": \"tpu\"");

    [Fact]
    public async Task Client_properties_that_contradict_each_other_are_a_wrong_configuration() =>
        await AssertRefused(2, ["kafka", "max.in.flight"], kafka: ", \"producerProperties\": { \"max.in.flight\": \"1000\" }");

    [Fact]
    public async Task An_unreachable_cluster_is_logged_and_waited_for()
    {
        int port = FreePort();
        using var serve = new ServeProcess("--config", Write(bootstrapServers: $"127.0.0.1:{port}"));
        Assert.True(serve.WaitForLog($"127.0.0.1:{port}"), serve.Log);
        Assert.True(serve.WaitForLog("is not there, or the cluster does not answer yet"), serve.Log);
        serve.Terminate();
        // Nothing was consumed, so there is nothing to lose.
        (int code, _) = await serve.ExitAsync(TimeSpan.FromSeconds(10));
        Assert.True(code == 0, $"exit code {code}\n{serve.Log}");
        Assert.DoesNotContain("   at ", serve.Log, StringComparison.Ordinal);
    }

    private async Task AssertRefused(int exitCode, string[] says, string? keyring = null, string topic = "", string extra = "", string kafka = "")
    {
        string file = Write(keyring: keyring, topic: topic, extra: extra, kafka: kafka);
        GpuCryptResult result = await GpuCryptProcess.RunAsync(["serve", "--config", file]);
        Assert.Empty(result.Output);
        string line = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("gpucrypt: ", line, StringComparison.Ordinal);
        foreach (string word in says)
            Assert.Contains(word, line, StringComparison.Ordinal);
        Assert.DoesNotContain(ServiceKeys.DefaultSecret, line, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(exitCode, result.ExitCode);
    }

    private string Write(string? keyring = null, string bootstrapServers = "127.0.0.1:1", string topic = "", string extra = "", string kafka = "")
    {
        string file = _folder["serve.json"];
        File.WriteAllText(file, $$"""
            {
              "kafka": { "bootstrapServers": "{{bootstrapServers}}"{{kafka}} },
              "keyring": { "file": "{{keyring ?? ServiceKeys.Write(_folder["keys.json"])}}" },
              "topics": [ { "source": "in", "sink": "out", "defaultTenant": "t", "defaultDerivationPath": "p"{{topic}} } ],
              "drainTimeout": "1s"{{extra}}
            }
            """);
        return file;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
