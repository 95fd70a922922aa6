using GpuCrypt.Host.Service.Configuration;
using static GpuCrypt.Host.Tests.Service.SettingsFixture;

namespace GpuCrypt.Host.Tests.Service;

public sealed class KafkaPropertyTests
{
    public static TheoryData<string> Owned => [.. KafkaProperties.AllOwned.Select(owned => owned.Name.Replace("*", "consumer.consume.result.fields", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Owned))]
    public void Properties_that_the_service_sets_itself_are_refused_in_all_three_lists(string name)
    {
        foreach (string list in (string[])["properties", "consumerProperties", "producerProperties"])
        {
            string problem = ProblemAtMark(WithProperty(list, name, "\"x\"").Replace($"\"{name}\"", $"¶\"{name}\"", StringComparison.Ordinal));
            Assert.StartsWith($"kafka.{list}" + (name == "acks" ? ".acks: " : $"[\"{name}\"]: "), problem, StringComparison.Ordinal);
            Assert.EndsWith(KafkaProperties.WhyOwned(name)!, problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Enabling_automatic_commits_is_refused_with_the_reason() =>
        Assert.Equal(
            "serve.json:2:68: kafka.properties[\"enable.auto.commit\"]: the service sets it: an offset is committed only after the sink has acknowledged the record",
            Assert.Single(Problems(WithProperty("properties", "enable.auto.commit", "true"))));

    [Theory]
    [InlineData("securty.protocol", "\"ssl\"", "has no such property; did you mean security.protocol?")]
    [InlineData("sasl.pasword", "\"x\"", "has no such property; did you mean sasl.password?")]
    [InlineData("no.property.like.this.one.here", "1", "has no such property")]
    [InlineData("security.protocol", "\"sssl\"", "does not take the value: Invalid value \"sssl\" for configuration property \"security.protocol\"")]
    [InlineData("socket.timeout.ms", "1", "does not take the value: Configuration property \"socket.timeout.ms\" value 1 is outside allowed range 10..300000")]
    public void Properties_that_librdkafka_does_not_take_are_refused_before_there_is_a_client(string name, string value, string expected) =>
        Assert.EndsWith(expected, Assert.Single(Problems(WithProperty("consumerProperties", name, value))), StringComparison.Ordinal);

    [Theory]
    [InlineData("{}", "an object")]
    [InlineData("[\"hunter2\"]", "an array")]
    [InlineData("null", "null")]
    public void A_property_is_a_single_value(string value, string found)
    {
        string problem = Assert.Single(Problems(WithProperty("properties", "sasl.password", value)));

        Assert.EndsWith($"kafka.properties[\"sasl.password\"]: expected a text, a number, true or false, found {found}", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sasl.password", "\"hunter2\\u0000\"")]
    [InlineData("sasl.pasword", "\"hunter2\"")]
    [InlineData("ssl.key.pem", "{ \"hunter2\": 1, \"x\": \"hunter2\" }")]
    public void A_property_that_is_refused_does_not_give_its_value_away(string name, string value) =>
        Assert.DoesNotContain("hunter2", Assert.Single(Problems(WithProperty("properties", name, value))), StringComparison.Ordinal);

    [Theory]
    [InlineData("sasl.password")]
    [InlineData("ssl.key.password")]
    [InlineData("ssl.key.pem")]
    [InlineData("ssl.keystore.password")]
    [InlineData("sasl.oauthbearer.client.secret")]
    [InlineData("sasl.oauthbearer.config")]
    [InlineData("Sasl.Password")]
    public void Names_of_secrets_are_known(string name) => Assert.True(KafkaProperties.IsSecret(name));

    [Theory]
    [InlineData("security.protocol")]
    [InlineData("sasl.username")]
    [InlineData("ssl.ca.location")]
    [InlineData("compression.type")]
    public void Names_of_others_are_not_taken_for_secrets(string name) => Assert.False(KafkaProperties.IsSecret(name));

    private static string WithProperty(string list, string name, string value) =>
        Minimal.Replace("\"localhost:9092\"", $"\"localhost:9092\", \"{list}\": {{ \"{name}\": {value} }}", StringComparison.Ordinal);
}
