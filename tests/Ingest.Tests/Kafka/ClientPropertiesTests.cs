using GpuCrypt.Ingest.Kafka;

namespace GpuCrypt.Ingest.Tests.Kafka;

public sealed class ClientPropertiesTests
{
    [Theory]
    [InlineData("security.protocol", "ssl", ClientPropertyStatus.Good)]
    [InlineData("compression.type", "lz4", ClientPropertyStatus.Good)]
    [InlineData("acks", "all", ClientPropertyStatus.Good)]
    [InlineData("sasl.password", "a=b\"ö", ClientPropertyStatus.Good)]
    [InlineData("security.protocol", "sssl", ClientPropertyStatus.Invalid)]
    [InlineData("linger.ms", "-1", ClientPropertyStatus.Invalid)]
    [InlineData("linger.mss", "1", ClientPropertyStatus.Unknown)]
    [InlineData("", "", ClientPropertyStatus.Unknown)]
    public void Librdkafka_is_asked_about_name_and_value(string name, string value, ClientPropertyStatus expected)
    {
        Assert.Equal(expected, ClientProperties.Check(name, value, out string message));
        Assert.Equal(expected == ClientPropertyStatus.Good, message.Length == 0);
    }

    [Fact]
    public void An_error_longer_than_the_space_for_it_is_cut_off()
    {
        Assert.Equal(ClientPropertyStatus.Invalid, ClientProperties.Check("security.protocol", new string('x', 5000), out string message));
        Assert.InRange(message.Length, 100, 512);
    }

    [Fact]
    public void Names_of_clients_and_topics_are_listed() =>
        Assert.Superset(new HashSet<string> { "security.protocol", "auto.offset.reset", "compression.codec" }, ClientProperties.Names().ToHashSet());
}
