using GpuCrypt.Ingest.Kafka;

namespace GpuCrypt.Host.Service.Configuration;

/// <summary>What the service knows about the properties of its Kafka clients: which are its own to set, and which are secret.</summary>
internal static class KafkaProperties
{
    /// <summary>What stands for a secret in what is printed.</summary>
    public const string Redacted = "(redacted)";

    private const string Delivery = "the service sets it: an offset is committed only after the sink has acknowledged the record";

    private const string Order = "the service sets it: no record may be lost, doubled or overtaken on its way to the sink";

    private const string Patience = "the service sets it: no record is given up; while the sink is away consumption waits";

    private static readonly Dictionary<string, string> Owned = new(StringComparer.OrdinalIgnoreCase)
    {
        ["bootstrap.servers"] = "the service sets it from kafka.bootstrapServers; give it there",
        ["metadata.broker.list"] = "the service sets it from kafka.bootstrapServers; give it there",
        ["group.id"] = "the service sets it from kafka.groupId; give it there",
        ["auto.offset.reset"] = "the service sets it from kafka.startFrom; give it there",
        ["auto.commit.interval.ms"] = "the service sets it from kafka.commitInterval; give it there",
        ["enable.auto.commit"] = Delivery,
        ["auto.commit.enable"] = Delivery,
        ["enable.auto.offset.store"] = Delivery,
        ["enable.partition.eof"] = "the service sets it: it reads on at the end of a partition",
        ["enable.idempotence"] = Order,
        ["acks"] = Order,
        ["request.required.acks"] = Order,
        ["delivery.report.only.error"] = Delivery,
        ["message.timeout.ms"] = Patience,
        ["delivery.timeout.ms"] = Patience,
        ["message.max.bytes"] = "the service sets it from batch.maxMessageBytes; give it there",
        ["queue.buffering.max.messages"] = "the service sets it from batch.count and batch.rows; give them there",
        ["transactional.id"] = "not supported: delivery is at least once, without transactions",
        ["transaction.timeout.ms"] = "not supported: delivery is at least once, without transactions",
        ["test.mock.num.brokers"] = "each client would run a broker of its own; use --embedded-broker",
    };

    private const string Inside = "the service sets it: it is about the client library's inside, not about Kafka";

    /// <summary>The properties that may not be set, and why.</summary>
    public static IEnumerable<(string Name, string Why)> AllOwned => [.. Owned.Select(pair => (pair.Key, pair.Value)), ("dotnet.*", Inside)];

    // Properties that people set and that librdkafka does not list, because they have no default or are other names.
    private static readonly string[] Unlisted =
    [
        "client.rack", "compression.type", "debug", "group.instance.id", "sasl.kerberos.keytab", "sasl.mechanism", "sasl.oauthbearer.client.id", "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.config", "sasl.oauthbearer.token.endpoint.url", "sasl.password", "sasl.username", "ssl.ca.location", "ssl.ca.pem", "ssl.certificate.location",
        "ssl.certificate.pem", "ssl.cipher.suites", "ssl.crl.location", "ssl.key.location", "ssl.key.password", "ssl.key.pem", "ssl.keystore.location", "ssl.keystore.password",
    ];

    private static readonly string[] SecretMarks =
        ["password", "passphrase", "secret", "token", "credential", "private", "key.pem", "jaas", "oauthbearer.config"];

    /// <summary>Why a property may not be set, or null when it may.</summary>
    public static string? WhyOwned(string name)
    {
        if (Owned.TryGetValue(name, out string? reason))
            return reason;
        return name.StartsWith("dotnet.", StringComparison.OrdinalIgnoreCase) ? Inside : null;
    }

    /// <summary>What librdkafka has against a property, without the value where that may be secret; null for nothing, or where there is no librdkafka to ask.</summary>
    public static string? WhyRefused(string name, string value)
    {
        // Trying this one would load the plugins.
        if (name == "plugin.library.paths")
            return null;
        try
        {
            switch (ClientProperties.Check(name, value, out string message))
            {
                case ClientPropertyStatus.Good:
                    return null;
                case ClientPropertyStatus.Unknown:
                    string hint = NearestName.Find(name, ClientProperties.Names().Concat(Unlisted)) is { } nearest ? $"; did you mean {nearest}?" : "";
                    return $"librdkafka {NativeLibrdkafka.Version} has no such property{hint}";
                default:
                    return $"librdkafka {NativeLibrdkafka.Version} does not take the value{(IsSecret(name) ? "" : $": {message.ReplaceLineEndings(" ").Trim()}")}";
            }
        }
        catch (KafkaLibraryMissingException)
        {
            // The service cannot start without it and says how to get it; its settings may still be looked at.
            return null;
        }
    }

    /// <summary>Whether a property's value is a secret, or may be by its name.</summary>
    public static bool IsSecret(string name) => SecretMarks.Any(mark => name.Contains(mark, StringComparison.OrdinalIgnoreCase));
}
