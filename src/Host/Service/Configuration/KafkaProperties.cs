namespace GpuCrypt.Host.Service.Configuration;

/// <summary>What the service knows about the properties of its Kafka clients: which are its own to set, and which are secret.</summary>
internal static class KafkaProperties
{
    /// <summary>What stands for a secret in what is printed.</summary>
    public const string Redacted = "(redacted)";

    private const string Delivery = "the service sets it: an offset is committed only after the sink has acknowledged the record";

    private const string Order = "the service sets it: no record may be lost, doubled or overtaken on its way to the sink";

    private static readonly Dictionary<string, string> Owned = new(StringComparer.OrdinalIgnoreCase)
    {
        ["bootstrap.servers"] = "expected in kafka.bootstrapServers",
        ["metadata.broker.list"] = "expected in kafka.bootstrapServers",
        ["group.id"] = "expected in kafka.groupId",
        ["auto.offset.reset"] = "expected in kafka.startFrom",
        ["auto.commit.interval.ms"] = "expected in kafka.commitInterval",
        ["enable.auto.commit"] = Delivery,
        ["auto.commit.enable"] = Delivery,
        ["enable.auto.offset.store"] = Delivery,
        ["enable.partition.eof"] = "the service sets it: it reads on at the end of a partition",
        ["enable.idempotence"] = Order,
        ["acks"] = Order,
        ["request.required.acks"] = Order,
        ["delivery.report.only.error"] = Delivery,
        ["transactional.id"] = "not supported: delivery is at least once, without transactions",
        ["transaction.timeout.ms"] = "not supported: delivery is at least once, without transactions",
        ["test.mock.num.brokers"] = "each client would run a broker of its own; use --embedded-broker",
    };

    private const string Inside = "the service sets it: it is about the client library's inside, not about Kafka";

    /// <summary>The properties that may not be set, and why.</summary>
    public static IEnumerable<(string Name, string Why)> AllOwned => [.. Owned.Select(pair => (pair.Key, pair.Value)), ("dotnet.*", Inside)];

    private static readonly string[] SecretMarks =
        ["password", "passphrase", "secret", "token", "credential", "private", "key.pem", "jaas", "oauthbearer.config"];

    /// <summary>Why a property may not be set, or null when it may.</summary>
    public static string? WhyOwned(string name)
    {
        if (Owned.TryGetValue(name, out string? reason))
            return reason;
        return name.StartsWith("dotnet.", StringComparison.OrdinalIgnoreCase) ? Inside : null;
    }

    /// <summary>Whether a property's value is a secret, or may be by its name.</summary>
    public static bool IsSecret(string name) => SecretMarks.Any(mark => name.Contains(mark, StringComparison.OrdinalIgnoreCase));
}
