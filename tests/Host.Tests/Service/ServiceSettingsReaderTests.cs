using GpuCrypt.Host.Service;
using GpuCrypt.Kernels.Batches;
using Microsoft.Extensions.Logging;
using static GpuCrypt.Host.Tests.Service.SettingsFixture;

namespace GpuCrypt.Host.Tests.Service;

public sealed class ServiceSettingsReaderTests
{
    [Fact]
    public void The_least_settings_give_the_defaults_of_the_records()
    {
        ServiceSettings settings = Parse(Minimal);

        Assert.Equal("localhost:9092", settings.Kafka.BootstrapServers);
        Assert.Equal(new TopicSettings { Source = "plain", Sink = "encrypted" }, Assert.Single(settings.Topics));
        Assert.Equal(new KeyringSettings { File = "keyring.json" }, settings.Keyring);
        Assert.Equal(new BatchSettings(), settings.Batch);
        Assert.Equal(new HeaderSettings(), settings.Headers);
        Assert.Equal(new JsonFieldSettings(), settings.Json);
        Assert.Equal(new LatencySettings(), settings.Latency);
        Assert.Equal(new LogSettings(), settings.Log);
        Assert.Equal(("auto", 0, IvSource.Synthetic, TimeSpan.FromSeconds(20)), (settings.Device, settings.Threads, settings.Iv, settings.DrainTimeout));
    }

    [Fact]
    public void Every_setting_reaches_its_record()
    {
        ServiceSettings settings = Parse(Full);

        Assert.Equal("a:9092, SSL://[::1]:9093,c", settings.Kafka.BootstrapServers);
        Assert.Equal(("g", "latest", TimeSpan.FromMilliseconds(500)), (settings.Kafka.GroupId, settings.Kafka.StartFrom, settings.Kafka.CommitInterval));
        Assert.Equal(
            new Dictionary<string, string> { ["security.protocol"] = "sasl_ssl", ["sasl.password"] = "hunter2", ["socket.keepalive.enable"] = "true" }, settings.Kafka.Properties);
        Assert.Equal(new Dictionary<string, string> { ["fetch.min.bytes"] = "1000" }, settings.Kafka.ConsumerProperties);
        Assert.Equal(new Dictionary<string, string> { ["compression.type"] = "lz4" }, settings.Kafka.ProducerProperties);

        Assert.Equal(2, settings.Topics.Count);
        TopicSettings topic = settings.Topics[0];
        Assert.Equal(("a", "b", "c", "npy", 384), (topic.Source, topic.Sink, topic.DeadLetter, topic.Format, topic.Dimension));
        Assert.Equal(("p", "t", "d"), (topic.SecretPath, topic.DefaultTenant, topic.DefaultDerivationPath));
        Assert.Equal(["t", "u"], topic.AllowedTenants);
        Assert.Equal("json", settings.Topics[1].Format);

        Assert.Equal(new KeyringSettings { File = "k.json", KekCommand = "print-key --token s3cr3t" }, settings.Keyring);
        Assert.Equal(("cpu:portable", 3, IvSource.Random, TimeSpan.FromMinutes(1)), (settings.Device, settings.Threads, settings.Iv, settings.DrainTimeout));
        Assert.Equal(new BatchSettings { Count = 8, Rows = 100, Bytes = 16 << 20, Linger = TimeSpan.Zero, MaxMessageBytes = 2 << 20 }, settings.Batch);
        Assert.Equal(new HeaderSettings { Metadata = "h1", Tenant = "h2", DerivationPath = "h3", Id = "h4", ContentType = "h5" }, settings.Headers);
        Assert.Equal(new JsonFieldSettings { Id = "j1", Vector = "j2", Metadata = "j3", Tenant = "j4", DerivationPath = "j5" }, settings.Json);
        Assert.Equal(new LatencySettings { File = "l.hlog", Interval = TimeSpan.FromSeconds(10) }, settings.Latency);
        Assert.Equal(new LogSettings { Level = LogLevel.Debug, Json = true }, settings.Log);
    }

    [Fact]
    public void The_other_ways_to_open_a_keyring_reach_their_settings()
    {
        Assert.Equal(new KeyringSettings { File = "keyring.json", KekFile = "x" }, OpenedBy("kekFile"));
        Assert.Equal(new KeyringSettings { File = "keyring.json", KekEnv = "x" }, OpenedBy("kekEnv"));
        Assert.Equal(new KeyringSettings { File = "keyring.json", PassphraseFile = "x" }, OpenedBy("passphraseFile"));
        Assert.Equal(new KeyringSettings { File = "keyring.json", PassphraseEnv = "x" }, OpenedBy("passphraseEnv"));

        static KeyringSettings OpenedBy(string way) =>
            Parse(Minimal.Replace("\"file\"", $"\"{way}\": \"x\", \"file\"", StringComparison.Ordinal), Variables(("x", "secret"))).Keyring;
    }

    [Fact]
    public void Comments_trailing_commas_and_a_byte_order_mark_are_no_mistakes() =>
        Assert.Equal(9, Parse("\uFEFF// head\n" + With("/* here */ \"threads\": 9, // there\n")).Threads);

    [Fact]
    public void Null_says_not_set_where_that_is_a_value()
    {
        ServiceSettings settings = Parse(With("""  "latency": { "file": null }, "json": { "tenant": null }"""));

        Assert.Null(settings.Latency.File);
        Assert.Null(settings.Json.Tenant);
    }

    [Theory]
    [InlineData("¶\"thread\": 1", "thread: unknown setting; did you mean threads?")]
    [InlineData("¶\"Threads\": 1", "Threads: unknown setting; did you mean threads?")]
    [InlineData("¶\"groupId\": \"x\"", "groupId: unknown setting; did you mean kafka.groupId?")]
    [InlineData("¶\"bach\": 3", "bach: unknown setting; did you mean batch?")]
    [InlineData("\"batch\": { ¶\"lingerMs\": 3 }", "batch.lingerMs: unknown setting; did you mean batch.linger?")]
    [InlineData("\"log\": { ¶\"colour\": 3 }", "log.colour: unknown setting; the settings here are level, json")]
    [InlineData("¶\"a b\": 3, \"threads\": 1", "[\"a b\"]: unknown setting; the settings here are kafka, topics, keyring, device, threads, iv, drainTimeout, batch, headers, json, latency, log")]
    [InlineData("\"threads\": 1, ¶\"threads\": 1", "threads: expected the setting once, found it again; the first is in line 5")]
    [InlineData("¶\"kafka\": {}", "kafka: expected the setting once, found it again; the first is in line 2")]
    [InlineData("\"threads\": ¶\"1\"", "threads: expected a whole number from 0 to 1024, found \"1\"")]
    [InlineData("\"threads\": ¶1.5", "threads: expected a whole number from 0 to 1024, found 1.5")]
    [InlineData("\"threads\": ¶-1", "threads: expected a whole number from 0 to 1024, found -1")]
    [InlineData("\"threads\": ¶99999999999999999999", "threads: expected a whole number from 0 to 1024, found 99999999999999999999")]
    [InlineData("\"threads\": ¶null", "threads: expected a whole number from 0 to 1024, found null")]
    [InlineData("\"threads\": ¶[]", "threads: expected a whole number from 0 to 1024, found an array")]
    [InlineData("\"iv\": ¶\"Random\"", "iv: expected synthetic or random, found \"Random\"; did you mean random?")]
    [InlineData("\"iv\": ¶\"given\"", "iv: expected synthetic or random, found \"given\"")]
    [InlineData("\"iv\": ¶\"synthetisch\"", "iv: expected synthetic or random, found \"synthetisch\"; did you mean synthetic?")]
    [InlineData("\"batch\": { \"count\": ¶2 }", "batch.count: expected a whole number from 3 to 256, found 2")]
    [InlineData("\"batch\": ¶4", "batch: expected an object, found 4")]
    [InlineData("\"batch\": { \"linger\": ¶\"5\" }", "batch.linger: expected a time from 0ms to 1m, a number with ms, s, m or h, found \"5\"")]
    [InlineData("\"batch\": { \"linger\": ¶\"2m\" }", "batch.linger: expected a time from 0ms to 1m, a number with ms, s, m or h, found \"2m\"")]
    [InlineData("\"batch\": { \"bytes\": ¶\"4MB\" }", "batch.bytes: expected a size from 64KiB to 1GiB, a number with B, KiB, MiB or GiB, found \"4MB\"")]
    [InlineData("\"batch\": { \"bytes\": ¶1000 }", "batch.bytes: expected a size from 64KiB to 1GiB, a number with B, KiB, MiB or GiB, found 1000")]
    [InlineData("\"log\": { \"json\": ¶\"true\" }", "log.json: expected true or false, found \"true\"")]
    [InlineData("\"log\": { \"level\": ¶\"info\" }", "log.level: expected trace, debug, information, warning or error, found \"info\"; did you mean information?")]
    [InlineData("\"headers\": { \"id\": ¶\"\" }", "headers.id: expected a text (one line, not empty), found empty text")]
    [InlineData("\"json\": { \"vector\": ¶\"\" }", "json.vector: expected a text (one line, not empty), found empty text")]
    [InlineData("\"json\": { \"tenant\": ¶\"a\\nb\" }", "json.tenant: expected a text (one line, not empty), or null, found \"a\\u000ab\"")]
    [InlineData("\"device\": ¶\"\\ud800\"", "device: the text has an escape that is half a surrogate pair")]
    [InlineData("\"latency\": { \"interval\": ¶9 }", "latency.interval: expected a time from 10ms to 24h, a number with ms, s, m or h, found 9")]
    public void A_wrong_setting_is_refused_by_place_and_name(string more, string expected) =>
        Assert.Equal(expected, ProblemAtMark(With(more)));

    [Fact]
    public void Columns_count_characters_not_bytes() =>
        Assert.Equal("thread: unknown setting; did you mean threads?", ProblemAtMark(With("/* größer als “1” */  ¶\"thread\": 1")));

    [Theory]
    [InlineData("{}", "serve.json:1:1: kafka.bootstrapServers: missing; expected host:port, or several separated by commas, here or in GPUCRYPT_KAFKA__BOOTSTRAPSERVERS")]
    [InlineData("{}", "serve.json:1:1: topics: missing; expected a list of at least one object, here or in GPUCRYPT_TOPICS__0__SOURCE and so on")]
    [InlineData("{}", "serve.json:1:1: keyring.file: missing; expected the path of a file, here or in GPUCRYPT_KEYRING__FILE")]
    [InlineData("""{ "topics": [] }""", "serve.json:1:13: topics: expected a list of at least one object, found none")]
    [InlineData("""{ "topics": {} }""", "serve.json:1:13: topics: expected a list of at least one object, found an object")]
    [InlineData("""{ "topics": [ 5 ] }""", "serve.json:1:15: topics[0]: expected an object, found 5")]
    [InlineData(
        """{ "topics": [ { "sink": "b" } ] }""",
        "serve.json:1:15: topics[0].source: missing; expected a topic name (1 to 249 letters, digits, '.', '_' and '-'), here or in GPUCRYPT_TOPICS__0__SOURCE")]
    [InlineData("""{ "keyring": { "File": "x" } }""", "serve.json:1:16: keyring.File: unknown setting; did you mean keyring.file?")]
    [InlineData("5", "serve.json:1:1: expected an object, found 5")]
    public void What_has_to_be_there_is_asked_for_by_name(string text, string expected) => Assert.Contains(expected, Problems(text));

    [Fact]
    public void A_mistyped_name_is_not_reported_as_missing_too() =>
        Assert.Equal(
            "kafka.bootstrapservers: unknown setting; did you mean kafka.bootstrapServers?",
            ProblemAtMark(Minimal.Replace("\"bootstrapServers", "¶\"bootstrapservers", StringComparison.Ordinal)));

    [Theory]
    [InlineData("a b")]
    [InlineData("^regex.*")]
    [InlineData("..")]
    [InlineData("")]
    public void A_name_that_Kafka_does_not_take_for_a_topic_is_refused(string name) =>
        Assert.StartsWith("topics[0].source: expected a topic name", ProblemAtMark(WithTopics($$"""[ { "source": ¶"{{name}}", "sink": "b" } ]""")), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("a:9092,")]
    [InlineData("a:0")]
    [InlineData("a:65536")]
    [InlineData("a:port")]
    [InlineData(":9092")]
    [InlineData("[::1")]
    [InlineData("http://a/b")]
    public void Addresses_that_are_none_are_refused(string servers) =>
        Assert.StartsWith(
            "kafka.bootstrapServers: expected host:port, or several separated by commas, found ",
            ProblemAtMark(Minimal.Replace("\"localhost:9092", "¶\"" + servers, StringComparison.Ordinal)), StringComparison.Ordinal);

    [Fact]
    public void With_the_embedded_broker_no_address_is_needed() =>
        Assert.Equal("", Parse("""{ "topics": [ { "source": "a", "sink": "b" } ], "keyring": { "file": "k" } }""", embeddedBroker: true).Kafka.BootstrapServers);

    [Fact]
    public void A_list_names_each_item_once()
    {
        IReadOnlyList<string> problems = Problems(WithTopics("""[ { "source": "a", "sink": "b", "allowedTenants": ["x", "", "x", 5] } ]"""));

        Assert.Equal(
            [
                "serve.json:3:69: topics[0].allowedTenants[1]: expected a text (one line, not empty), found empty text",
                "serve.json:3:73: topics[0].allowedTenants[2]: expected each text once, found \"x\" again",
                "serve.json:3:78: topics[0].allowedTenants[3]: expected a text (one line, not empty), found 5",
            ],
            problems);
    }

    [Fact]
    public void All_problems_are_told_together_in_the_order_of_the_file()
    {
        IReadOnlyList<string> problems = Problems(
            """
            {
              "keyring": { "file": "" },
              "topics": [ { "source": "a", "sink": "a", "format": "jsn" }, { "sink": "b" } ],
              "threads": -1, "foo": 1,
              "kafka": { "bootstrapServers": "a" }
            }
            """,
            Variables(("GPUCRYPT_LOG__LEVEL", "loud")));

        Assert.Equal(
            ["2:24: keyring.file", "3:40: topics[0].sink", "3:55: topics[0].format", "3:64: topics[1].source", "4:14: threads", "4:18: foo"],
            problems.SkipLast(1).Select(problem => string.Join(':', problem.Split(':')[1..3]) + ":" + problem.Split(':')[3]));
        Assert.StartsWith("GPUCRYPT_LOG__LEVEL: log.level: expected trace", problems[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Of_very_many_problems_the_first_fifty_are_told()
    {
        // Of the size that a settings file may have at most: long to read twice, too long to compare each name with each.
        string text = "{" + string.Join(",\n", Enumerable.Range(0, 70_000).Select(i => $"\"x{i}\": 0")) + "}";

        IReadOnlyList<string> problems = Problems(text, embeddedBroker: true);

        Assert.Equal(51, problems.Count);
        Assert.Equal("serve.json: 69952 problems more; is this a settings file?", problems[50]);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_named()
    {
        using var folder = new TemporaryFolder();
        foreach (string file in (string[])[folder["absent.json"], folder.Path])
        {
            var failure = Assert.Throws<CommandFailedException>(() => ServiceSettingsReader.Read(file, NoEnvironment));
            Assert.Equal(ExitCodes.Usage, failure.ExitCode);
            Assert.StartsWith($"{file}: the settings file cannot be read: ", failure.Message, StringComparison.Ordinal);
        }

        File.WriteAllBytes(folder["large.json"], new byte[(1 << 20) + 1]);
        var large = Assert.Throws<CommandFailedException>(() => ServiceSettingsReader.Read(folder["large.json"], NoEnvironment));
        Assert.Equal($"{folder["large.json"]}: expected a settings file of at most 1MiB, found a larger one.", large.Message);
    }
}
