using static GpuCrypt.Host.Tests.Service.SettingsFixture;

namespace GpuCrypt.Host.Tests.Service;

public sealed class ServiceSettingsRulesTests
{
    [Theory]
    [InlineData(
        """[ { "source": "a", "sink": "b" }, { "source": ¶"a", "sink": "c" } ]""",
        "topics[1].source: expected another topic than topics[0].source, found \"a\" for both; each topic has one source entry")]
    [InlineData(
        """[ { "source": "a", "sink": ¶"a" } ]""",
        "topics[0].sink: expected a topic that is no source, found \"a\", which is topics[0].source; what is written there would be encrypted again")]
    [InlineData(
        """[ { "source": "a", "sink": ¶"b" }, { "source": "b", "sink": "c" } ]""",
        "topics[0].sink: expected a topic that is no source, found \"b\", which is topics[1].source; what is written there would be encrypted again")]
    [InlineData(
        """[ { "source": "a", "sink": "b", "deadLetter": ¶"a" } ]""",
        "topics[0].deadLetter: expected a topic that is no source, found \"a\", which is topics[0].source; rejected records would come back for ever")]
    [InlineData(
        """[ { "source": "a", "sink": "b", "deadLetter": ¶"b" } ]""",
        "topics[0].deadLetter: expected a topic that is no sink, found \"b\", which is topics[0].sink; rejected records are plaintexts")]
    [InlineData(
        """[ ¶{ "source": "a", "sink": "a-dead-letter" } ]""",
        "topics[0].deadLetter: expected a topic that is no sink, found \"a-dead-letter\", the name where none is given, which is topics[0].sink; rejected records are plaintexts")]
    [InlineData(
        """[ ¶{ "source": "a", "sink": "b" }, { "source": "a-dead-letter", "sink": "c" } ]""",
        "topics[0].deadLetter: expected a topic that is no source, found \"a-dead-letter\", the name where none is given, which is topics[1].source; rejected records would come back for ever")]
    [InlineData(
        """[ { "source": "a", "sink": "b", "dimension": ¶262145 } ]""",
        "topics[0].dimension: expected a vector that fits into batch.maxMessageBytes (1MiB), found 262145 elements, at least 1048580B as raw")]
    [InlineData(
        """[ { "source": "a", "sink": "b", "format": "npy", "dimension": ¶524289 } ]""",
        "topics[0].dimension: expected a vector that fits into batch.maxMessageBytes (1MiB), found 524289 elements, at least 1048578B as npy")]
    public void Topics_that_stand_in_each_others_way_are_refused(string topics, string expected) =>
        Assert.Equal(expected, ProblemAtMark(WithTopics(topics)));

    [Fact]
    public void A_source_whose_dead_letter_name_would_be_too_long_is_refused()
    {
        string problem = ProblemAtMark(WithTopics($$"""[ ¶{ "source": "{{new string('a', 240)}}", "sink": "b" } ]"""));

        Assert.StartsWith("topics[0].deadLetter: expected a topic name", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Topics_may_share_a_sink_and_a_dead_letter_topic() =>
        Assert.Equal(2, Parse(WithTopics("""[ { "source": "a", "sink": "s", "deadLetter": "d" }, { "source": "b", "sink": "s", "deadLetter": "d" } ]""")).Topics.Count);

    [Theory]
    [InlineData("\"maxMessageBytes\": ¶\"3MiB\"", "6MiB", "3MiB", "4MiB")]
    [InlineData("\"bytes\": ¶\"1MiB\"", "2MiB", "1MiB", "1MiB")]
    [InlineData("\"maxMessageBytes\": 1048577, \"bytes\": ¶2097153", "2097154B", "1048577B", "2097153B")]
    public void A_batch_holds_the_largest_message_as_float32(string batch, string least, string message, string found) =>
        Assert.Equal(
            $"batch.{(batch.Contains("\"bytes\"", StringComparison.Ordinal) ? "bytes" : "maxMessageBytes")}: expected batch.bytes of at least {least}, "
            + $"twice batch.maxMessageBytes ({message}), found {found}; a float16 or JSON message can double in size as float32, and one batch has to hold it",
            ProblemAtMark(With($"\"batch\": {{{batch}}}")));

    [Fact]
    public void A_batch_of_exactly_twice_the_largest_message_is_enough() =>
        Assert.Equal(2 << 20, Parse(With("\"batch\": { \"bytes\": \"2MiB\" }")).Batch.Bytes);

    [Fact]
    public void Batches_that_do_not_fit_into_the_memory_are_refused_before_they_fill_up()
    {
        Assert.Equal(
            "batch.count: expected batches that fit into the memory there is (9216MiB), found 34432MiB: "
            + "batch.count × (2 × batch.bytes + 4 × batch.maxMessageBytes + 320 B × batch.rows)",
            ProblemAtMark(With("\"batch\": { \"count\": ¶256, \"bytes\": \"64MiB\" }")));
        Assert.Equal(128, Parse(With("\"batch\": { \"count\": 128 }")).Batch.Count);
        Assert.StartsWith("batch.bytes: expected batches that fit", ProblemAtMark(With("\"batch\": { \"bytes\": ¶\"1GiB\", \"rows\": 1048576 }")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"headers\": { \"id\": ¶\"tenant\" }", "headers.id: expected record headers with different names, found \"tenant\" for headers.tenant too")]
    [InlineData("\"headers\": { \"metadata\": ¶\"id\" }", "headers.metadata: expected record headers with different names, found \"id\" for headers.id too")]
    [InlineData("\"json\": { \"tenant\": \"x\", \"derivationPath\": ¶\"x\" }", "json.derivationPath: expected fields with different names, found \"x\" for json.tenant too")]
    public void Two_settings_with_one_name_are_refused(string more, string expected) =>
        Assert.Equal(expected, ProblemAtMark(With(more)));

    [Fact]
    public void A_keyring_is_opened_in_one_way()
    {
        string text = Minimal.Replace("\"keyring.json\"", "\"k\", \"passphraseFile\": \"p\", \"kekCommand\": ¶\"c\"", StringComparison.Ordinal);

        Assert.Equal("keyring.kekCommand: expected one way to open the keyring, found keyring.passphraseFile as well", ProblemAtMark(text));
    }

    [Fact]
    public void A_device_that_this_machine_lacks_is_refused_by_name() =>
        Assert.Equal("device: expected auto, cpu or cpu:portable, found \"cuda:0\"", ProblemAtMark(With("\"device\": ¶\"cuda:0\"")));

    [Theory]
    [InlineData("passphraseEnv")]
    [InlineData("kekEnv")]
    public void A_variable_that_is_not_set_is_refused_without_its_name_which_may_be_the_secret(string setting)
    {
        string text = Minimal.Replace("\"file\"", $"\"{setting}\": ¶\"hunter2\", \"file\"", StringComparison.Ordinal);

        Assert.Equal(
            $"keyring.{setting}: expected the name of an environment variable that is set, found one that is not (not shown here)",
            ProblemAtMark(text));
        Parse(text.Replace("¶", "", StringComparison.Ordinal), Variables(("hunter2", "x")));
    }

    [Theory]
    [InlineData("\"passphraseEnv\": \"correct horse hunter2\"")]
    [InlineData("\"kekEnv\": \"=hunter2\"")]
    [InlineData("\"kekFile\": \"hunter2\\n\"")]
    [InlineData("\"kekCommand\": [\"hunter2\"]")]
    [InlineData("\"passphrase\": \"hunter2\"")]
    public void A_secret_in_the_wrong_place_is_not_repeated(string setting) =>
        Assert.DoesNotContain("hunter2", Assert.Single(Problems(Minimal.Replace("\"file\"", setting + ", \"file\"", StringComparison.Ordinal))), StringComparison.Ordinal);
}
