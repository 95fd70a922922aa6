using System.Text.Json;
using GpuCrypt.Host.Service;
using GpuCrypt.Host.Service.Configuration;
using static GpuCrypt.Host.Tests.Service.SettingsFixture;

namespace GpuCrypt.Host.Tests.Service;

public sealed class SettingsTableTests
{
    [Fact]
    public void Help_explains_every_setting_in_a_hundred_columns()
    {
        var help = new StringWriter();
        SettingsHelp.Write(help);
        string[] lines = help.ToString().Split(Environment.NewLine);

        Assert.All(lines, line => Assert.True(line.Length <= 100, line));
        string text = string.Join(' ', help.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        foreach ((string path, Setting setting) in ServiceSettingsTable.Leaves)
            Assert.Contains($"{path} ({setting.Description}; {(setting.IsRequired ? "" : "default: ")}{setting.Default}) {setting.Meaning}", text, StringComparison.Ordinal);
        foreach ((string name, string meaning) in SettingsEnvironment.ProgramVariables)
            Assert.Contains($"{name}: {meaning}", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_setting_has_a_meaning_of_one_to_four_sentences()
    {
        Assert.All(ServiceSettingsTable.Leaves, leaf =>
        {
            Assert.EndsWith(".", leaf.Setting.Meaning, StringComparison.Ordinal);
            Assert.InRange(leaf.Setting.Meaning.Length, 20, 260);
        });
        Assert.Equal(ServiceSettingsTable.Leaves.Count, ServiceSettingsTable.Leaves.Select(leaf => leaf.Path).Distinct().Count());
    }

    [Fact]
    public void The_table_has_every_property_of_the_settings()
    {
        // What a record prints of itself is all its properties.
        string[] records = [.. new object[] { Parse(Minimal), Parse(Minimal).Kafka, Parse(Minimal).Topics[0], new KeyringSettings { File = "" }, new BatchSettings(), new HeaderSettings(), new JsonFieldSettings(), new LatencySettings(), new LogSettings() }
            .SelectMany(record => record.GetType().GetProperties().Where(property => property.CanWrite).Select(property => property.Name))];
        string[] table = [.. Names(ServiceSettingsTable.Root.Settings)];

        Assert.Equal(records.Order(StringComparer.OrdinalIgnoreCase), table.Order(StringComparer.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase);

        static IEnumerable<string> Names(IEnumerable<Setting> settings) => settings.SelectMany(setting => Names(setting.Children).Prepend(setting.Name));
    }

    [Fact]
    public void The_documentation_is_what_the_table_says()
    {
        string page = File.ReadAllText(Path.Combine(Repository(), "docs", "CONFIGURATION.md"));

        Assert.True(page == SettingsPage.Create(), "docs/CONFIGURATION.md is not what the settings' table says; write it anew: gpucrypt serve --help-markdown > docs/CONFIGURATION.md");
    }

    [Fact]
    public void The_errors_that_the_documentation_shows_are_real()
    {
        string text = "{\n  \"kafka\": { \"bootstrapServers\": \"localhost:9092\" },\n  \"keyring\": { \"file\": \"keyring.json\" },\n"
            + "  \"topics\": [\n    {\n      \"source\": \"embeddings\",\n      \"sink\": \"embeddings-encrypted\",\n\n      \"format\": \"jsn\",\n    },\n  ],\n\n  \"batch\": {\n    \"linger_ms\": 5,\n  },\n}\n";
        string page = SettingsPage.Create();

        IReadOnlyList<string> problems = Problems(text, Variables(("GPUCRYPT_BATCH__COUNT", "2")));

        Assert.Equal(3, problems.Count);
        Assert.All(problems, problem => Assert.Contains($"gpucrypt: {problem}\n", page, StringComparison.Ordinal));
    }

    [Fact]
    public void The_example_is_right()
    {
        ServiceSettings settings = ServiceSettingsReader.Read(Path.Combine(Repository(), "samples", "serve.json"), NoEnvironment);

        Assert.Equal(["embeddings", "images"], settings.Topics.Select(topic => topic.Source));
        Assert.Equal("lz4", settings.Kafka.ProducerProperties["compression.type"]);
    }

    [Fact]
    public void Printed_settings_are_read_as_the_same_settings()
    {
        string text = Full.Replace(", \"sasl.password\": \"hunter2\"", "", StringComparison.Ordinal).Replace("\"kekCommand\": \"print-key --token s3cr3t\"", "\"kekFile\": \"x\"", StringComparison.Ordinal);
        foreach (string settings in (string[])[text, Minimal])
        {
            string printed = ServiceSettingsPrinter.Print(Parse(settings));

            Assert.Equal(printed, ServiceSettingsPrinter.Print(Parse(printed)));
            using var document = JsonDocument.Parse(printed);
            foreach ((string path, _) in ServiceSettingsTable.Leaves)
            {
                JsonElement element = document.RootElement;
                foreach (string name in path.Split('.'))
                    element = name.EndsWith("[]", StringComparison.Ordinal) ? element.GetProperty(name[..^2])[0] : element.GetProperty(name);
            }
        }
    }

    [Fact]
    public void Printed_settings_have_no_secrets()
    {
        string printed = ServiceSettingsPrinter.Print(Parse(Full));

        Assert.DoesNotContain("hunter2", printed, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", printed, StringComparison.Ordinal);
        Assert.Contains("\"sasl.password\": \"(redacted)\"", printed, StringComparison.Ordinal);
        Assert.Contains("\"kekCommand\": \"(redacted)\"", printed, StringComparison.Ordinal);
        Assert.Contains("\"security.protocol\": \"sasl_ssl\"", printed, StringComparison.Ordinal);
    }

    private static string Repository()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "GpuCrypt.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("The tests run outside the repository.");
    }
}
