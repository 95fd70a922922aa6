using System.Text;
using GpuCrypt.Host.Service;
using GpuCrypt.Host.Service.Configuration;

namespace GpuCrypt.Host.Tests.Service;

/// <summary>Reads settings as the service does, from texts.</summary>
internal static class SettingsFixture
{
    /// <summary>The least that a service needs.</summary>
    public const string Minimal = """
        {
          "kafka": { "bootstrapServers": "localhost:9092" },
          "topics": [ { "source": "plain", "sink": "encrypted" } ],
          "keyring": { "file": "keyring.json" }
        }
        """;

    /// <summary>Every setting, none with its default.</summary>
    public const string Full = """
        {
          "kafka": {
            "bootstrapServers": "a:9092, SSL://[::1]:9093,c", "groupId": "g", "startFrom": "latest", "commitInterval": "500ms",
            "properties": { "security.protocol": "sasl_ssl", "sasl.password": "hunter2", "socket.keepalive.enable": true },
            "consumerProperties": { "fetch.min.bytes": 1000 }, "producerProperties": { "compression.type": "lz4" }
          },
          "topics": [
            { "source": "a", "sink": "b", "deadLetter": "c", "format": "npy", "dimension": 384, "secretPath": "p", "defaultTenant": "t", "defaultDerivationPath": "d", "allowedTenants": ["t", "u"] },
            { "source": "e", "sink": "b", "format": "json" }
          ],
          "keyring": { "file": "k.json", "kekCommand": "print-key --token s3cr3t" },
          "device": "cpu:portable", "threads": 3, "iv": "random", "drainTimeout": "1m",
          "batch": { "count": 8, "rows": 100, "bytes": "16MiB", "linger": 0, "maxMessageBytes": "2MiB" },
          "headers": { "metadata": "h1", "tenant": "h2", "derivationPath": "h3", "id": "h4", "contentType": "h5" },
          "json": { "id": "j1", "vector": "j2", "metadata": "j3", "tenant": "j4", "derivationPath": "j5" },
          "latency": { "file": "l.hlog", "interval": "10s" },
          "log": { "level": "debug", "json": true }
        }
        """;

    public static readonly IReadOnlyDictionary<string, string> NoEnvironment = new Dictionary<string, string>();

    public static readonly SettingsMachine Machine = new(() => ["cpu", "cpu:portable"], 9L << 30);

    public static ServiceSettings Parse(string? text, IReadOnlyDictionary<string, string>? environment = null, bool embeddedBroker = false) =>
        ServiceSettingsReader.Parse(text is null ? null : Encoding.UTF8.GetBytes(text), "serve.json", environment ?? NoEnvironment, embeddedBroker, Machine);

    /// <summary>The problems of wrong settings, after a check that they end the program with the exit code for usage.</summary>
    public static IReadOnlyList<string> Problems(string? text, IReadOnlyDictionary<string, string>? environment = null, bool embeddedBroker = false)
    {
        var failure = Assert.Throws<CommandFailedException>(() => Parse(text, environment, embeddedBroker));
        Assert.Equal(ExitCodes.Usage, failure.ExitCode);
        Assert.NotEmpty(failure.Problems);
        Assert.All(failure.Problems, problem => Assert.DoesNotContain('\n', problem));
        return failure.Problems;
    }

    /// <summary>The message of the one problem of wrong settings, which has to be placed where the text has a ¶ (which the reader does not see).</summary>
    public static string ProblemAtMark(string text)
    {
        int mark = text.IndexOf('¶', StringComparison.Ordinal);
        string before = text[..mark];
        string place = $"serve.json:{before.Count(c => c == '\n') + 1}:{mark - before.LastIndexOf('\n')}: ";
        string problem = Assert.Single(Problems(text.Remove(mark, 1)));
        Assert.StartsWith(place, problem, StringComparison.Ordinal);
        return problem[place.Length..];
    }

    /// <summary>The minimal settings with something more, in line 5.</summary>
    public static string With(string more) => Minimal.Insert(Minimal.LastIndexOf('\n'), ",\n" + more);

    /// <summary>The minimal settings with another list of topics, in line 3.</summary>
    public static string WithTopics(string topics) => Minimal.Replace("""[ { "source": "plain", "sink": "encrypted" } ]""", topics, StringComparison.Ordinal);

    public static Dictionary<string, string> Variables(params (string Name, string Value)[] variables) => variables.ToDictionary(v => v.Name, v => v.Value);
}
