using GpuCrypt.Host.Service;
using GpuCrypt.Host.Service.Configuration;
using static GpuCrypt.Host.Tests.Service.SettingsFixture;

namespace GpuCrypt.Host.Tests.Service;

public sealed class SettingsEnvironmentTests
{
    [Fact]
    public void The_environment_can_do_without_a_file()
    {
        ServiceSettings settings = Parse(null, Variables(
            ("GPUCRYPT_KAFKA__BOOTSTRAPSERVERS", "a:1"), ("GPUCRYPT_TOPICS__0__SOURCE", "s"), ("GPUCRYPT_TOPICS__0__SINK", "t"), ("GPUCRYPT_KEYRING__FILE", "k")));

        Assert.Equal(("a:1", "k"), (settings.Kafka.BootstrapServers, settings.Keyring.File));
        Assert.Equal(new TopicSettings { Source = "s", Sink = "t" }, Assert.Single(settings.Topics));
    }

    [Fact]
    public void The_environment_comes_before_the_file_setting_by_setting()
    {
        ServiceSettings settings = Parse(Full, Variables(
            ("GPUCRYPT_TOPICS__1__FORMAT", "raw"), ("GPUCRYPT_TOPICS__0__ALLOWEDTENANTS__1", "v"), ("GPUCRYPT_TOPICS__0__ALLOWEDTENANTS__2", "w"),
            ("GPUCRYPT_TOPICS__2__SOURCE", "f"), ("GPUCRYPT_TOPICS__2__SINK", "g"),
            ("GPUCRYPT_BATCH__LINGER", "7"), ("GPUCRYPT_BATCH__BYTES", "33554432"), ("GPUCRYPT_DRAINTIMEOUT", "1.5s"), ("GPUCRYPT_LOG__JSON", "false"), ("GPUCRYPT_THREADS", "2"),
            ("GPUCRYPT_IV", "synthetic")));

        Assert.Equal("raw", settings.Topics[1].Format);
        Assert.Equal("e", settings.Topics[1].Source);
        Assert.Equal(["t", "v", "w"], settings.Topics[0].AllowedTenants);
        Assert.Equal(("f", "g"), (settings.Topics[2].Source, settings.Topics[2].Sink));
        Assert.Equal((TimeSpan.FromMilliseconds(7), 32 << 20, TimeSpan.FromSeconds(1.5)), (settings.Batch.Linger, settings.Batch.Bytes, settings.DrainTimeout));
        Assert.Equal((false, 2, 8), (settings.Log.Json, settings.Threads, settings.Batch.Count));
    }

    [Fact]
    public void A_wrong_value_of_the_file_does_not_matter_where_the_environment_has_another() =>
        Assert.Equal(3, Parse(With("\"threads\": \"many\""), Variables(("GPUCRYPT_THREADS", "3"))).Threads);

    [Fact]
    public void Names_are_taken_in_any_case() => Assert.Equal("x", Parse(Minimal, Variables(("gpucrypt_Kafka__groupId", "x"))).Kafka.GroupId);

    [Theory]
    [InlineData("GPUCRYPT_KAFKA__PROPERTIES__SASL_PASSWORD")]
    [InlineData("GPUCRYPT_KAFKA__PROPERTIES__sasl.password")]
    [InlineData("GPUCRYPT_KAFKA__PROPERTIES__Sasl_Password")]
    public void A_property_is_named_with_dots_or_underscores(string variable) =>
        Assert.Equal("x=y", Parse(Minimal, Variables((variable, "x=y"))).Kafka.Properties["sasl.password"]);

    [Fact]
    public void An_empty_variable_takes_back_what_the_file_says_where_null_is_a_value()
    {
        ServiceSettings settings = Parse(Full, Variables(("GPUCRYPT_LATENCY__FILE", ""), ("GPUCRYPT_TOPICS__0__DEFAULTTENANT", "")));

        Assert.Null(settings.Latency.File);
        Assert.Null(settings.Topics[0].DefaultTenant);
        Assert.Equal(
            "GPUCRYPT_KAFKA__GROUPID: kafka.groupId: expected a text (one line, not empty), found empty text", Assert.Single(Problems(Full, Variables(("GPUCRYPT_KAFKA__GROUPID", "")))));
    }

    [Fact]
    public void Items_beyond_the_ninth_come_in_order()
    {
        var variables = Enumerable.Range(0, 12).ToDictionary(i => $"GPUCRYPT_TOPICS__0__ALLOWEDTENANTS__{i}", i => $"t{i}");

        Assert.Equal(Enumerable.Range(0, 12).Select(i => $"t{i}"), Parse(Minimal, variables).Topics[0].AllowedTenants);
    }

    [Theory]
    [InlineData("GPUCRYPT_BATCH__COUNT", "2", "GPUCRYPT_BATCH__COUNT: batch.count: expected a whole number from 3 to 256, found \"2\"")]
    [InlineData("GPUCRYPT_BATCH__COUNT", "", "GPUCRYPT_BATCH__COUNT: batch.count: expected a whole number from 3 to 256, found empty text")]
    [InlineData("gpucrypt_log__json", "yes", "gpucrypt_log__json: log.json: expected true or false, found \"yes\"")]
    [InlineData("GPUCRYPT_BATCH_COUNT", "4", "GPUCRYPT_BATCH_COUNT: unknown setting; did you mean GPUCRYPT_BATCH__COUNT?")]
    [InlineData("GPUCRYPT_TOPIC__0__SORCE", "4", "GPUCRYPT_TOPIC__0__SORCE: unknown setting; did you mean GPUCRYPT_TOPICS__0__SOURCE?")]
    [InlineData("GPUCRYPT_TOPICS_3_SINK", "4", "GPUCRYPT_TOPICS_3_SINK: unknown setting; did you mean GPUCRYPT_TOPICS__3__SINK?")]
    [InlineData("GPUCRYPT_FROBNICATE", "4", "GPUCRYPT_FROBNICATE: unknown setting; see 'gpucrypt serve --help' for those that there are")]
    [InlineData("GPUCRYPT_", "4", "GPUCRYPT_: unknown setting; see 'gpucrypt serve --help' for those that there are")]
    [InlineData("GPUCRYPT_TOPICS__x__SINK", "4", "GPUCRYPT_TOPICS__x__SINK: unknown setting; did you mean GPUCRYPT_TOPICS__0__SINK?")]
    [InlineData("GPUCRYPT_THREADS__0", "4", "GPUCRYPT_THREADS__0: unknown setting; did you mean GPUCRYPT_THREADS?")]
    [InlineData("GPUCRYPT_DEBUG_", "4", "GPUCRYPT_DEBUG_: unknown setting; did you mean GPUCRYPT_DEBUG?")]
    [InlineData("GPUCRYPT_BATCH", "4", "GPUCRYPT_BATCH: batch: expected a variable for each setting in it, such as GPUCRYPT_BATCH__COUNT, found one for all")]
    [InlineData("GPUCRYPT_TOPICS", "4", "GPUCRYPT_TOPICS: topics: expected a variable for each setting in it, such as GPUCRYPT_TOPICS__0__SOURCE, found one for all")]
    [InlineData("GPUCRYPT_TOPICS__0", "4", "GPUCRYPT_TOPICS__0: topics[0]: expected a variable for each setting in it, such as GPUCRYPT_TOPICS__0__SOURCE, found one for all")]
    [InlineData(
        "GPUCRYPT_TOPICS__0__ALLOWEDTENANTS", "4",
        "GPUCRYPT_TOPICS__0__ALLOWEDTENANTS: topics[0].allowedTenants: expected a variable for each setting in it, such as GPUCRYPT_TOPICS__0__ALLOWEDTENANTS__0, found one for all")]
    [InlineData("GPUCRYPT_TOPICS__2__SINK", "x", "GPUCRYPT_TOPICS__2__SINK: topics[2].sink: expected an index from 0 to 1, the next of the list, found 2")]
    [InlineData(
        "GPUCRYPT_TOPICS__1__SINK", "x",
        "GPUCRYPT_TOPICS__1__SINK: topics[1].source: missing; expected a topic name (1 to 249 letters, digits, '.', '_' and '-'), here or in GPUCRYPT_TOPICS__1__SOURCE")]
    [InlineData(
        "GPUCRYPT_KAFKA__PROPERTIES__GROUP_ID", "x",
        "GPUCRYPT_KAFKA__PROPERTIES__GROUP_ID: kafka.properties[\"group.id\"]: the service sets it from kafka.groupId; give it there")]
    public void A_wrong_variable_is_refused_by_its_name(string name, string value, string expected) =>
        Assert.Equal(expected, Assert.Single(Problems(Minimal, Variables((name, value)))));

    [Fact]
    public void A_setting_in_two_variables_is_refused() =>
        Assert.Equal(
            "gpucrypt_threads: threads: expected the setting once, found it in GPUCRYPT_THREADS too",
            Assert.Single(Problems(Minimal, Variables(("GPUCRYPT_THREADS", "1"), ("gpucrypt_threads", "2")))));

    [Fact]
    public void Variables_with_another_purpose_are_left_alone()
    {
        Dictionary<string, string> variables = Variables(
            ("GPUCRYPT_DEBUG", "1"), ("GPUCRYPT_KEYRING", "elsewhere"), ("PATH", "/bin"), ("GPUCRYPTO", "x"),
            ("GPUCRYPT_SERVICE_HOST", "10.0.0.1"), ("GPUCRYPT_SERVICE_PORT", "80"), ("GPUCRYPT_SERVICE_PORT_METRICS", "80"), ("GPUCRYPT_PORT", "tcp://10.0.0.1:80"),
            ("GPUCRYPT_PORT_80_TCP", "tcp://10.0.0.1:80"), ("GPUCRYPT_PORT_80_TCP_ADDR", "10.0.0.1"), ("GPUCRYPT_METRICS_SERVICE_HOST", "10.0.0.1"));

        Assert.Equal("keyring.json", Parse(Minimal, variables).Keyring.File);
        Assert.Single(Problems(Minimal, Variables(("GPUCRYPT_KAFKA__PORT", "1"))));
    }

    [Fact]
    public void A_variable_that_the_settings_name_is_no_setting()
    {
        string text = Minimal.Replace("\"file\"", "\"passphraseEnv\": \"GPUCRYPT_PASSPHRASE\", \"file\"", StringComparison.Ordinal);

        Assert.Equal("GPUCRYPT_PASSPHRASE", Parse(text, Variables(("GPUCRYPT_PASSPHRASE", "x"))).Keyring.PassphraseEnv);
        Assert.Equal("GPUCRYPT_KEK", Parse(Minimal, Variables(("GPUCRYPT_KEYRING__KEKENV", "GPUCRYPT_KEK"), ("GPUCRYPT_KEK", "x"))).Keyring.KekEnv);
    }

    [Fact]
    public void The_programs_keyring_serves_where_the_settings_name_none()
    {
        string text = Minimal.Replace("\"file\": \"keyring.json\"", "", StringComparison.Ordinal);

        Assert.Equal("own", Parse(text, Variables(("GPUCRYPT_KEYRING", "own"))).Keyring.File);
        Assert.Equal("other", Parse(text, Variables(("GPUCRYPT_KEYRING", "own"), ("GPUCRYPT_KEYRING__FILE", "other"))).Keyring.File);
    }

    [Fact]
    public void Every_setting_has_a_variable_that_reaches_it()
    {
        foreach ((string path, Setting setting) in ServiceSettingsTable.Leaves)
        {
            string variable = SettingsEnvironment.VariableOf(path.Replace("[]", "[0]", StringComparison.Ordinal)) + setting.Shape switch
            {
                SettingShape.Texts => "__0",
                SettingShape.Properties => "__NO_SUCH",
                _ => "",
            };
            // A line break is no value of any setting but that of a property that there is.
            Assert.Contains(Problems(Minimal, Variables((variable, "a\nb"))), problem => problem.StartsWith($"{variable}: {path.Split('[')[0]}", StringComparison.Ordinal));
        }
    }
}
