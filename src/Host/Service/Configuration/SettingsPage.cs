using System.Text;

namespace GpuCrypt.Host.Service.Configuration;

/// <summary>The page <c>docs/CONFIGURATION.md</c>, whole: what the reader does with a file, and a table of every setting.</summary>
internal static class SettingsPage
{
    private const string Head = """
        # The settings of `gpucrypt serve`

        <!-- Written by `gpucrypt serve --help-markdown > docs/CONFIGURATION.md`; a test compares it. Change src/Host/Service/Configuration instead. -->

        `gpucrypt serve --config FILE` reads a JSON file. [`samples/serve.json`](../samples/serve.json) is one with comments to start from.
        `gpucrypt serve --config FILE --print-config` shows every setting as it will be, secrets redacted, and starts nothing.

        - Comments (`//`, `/* */`) and trailing commas are allowed.
        - A **time** is a text of a number and `ms`, `s`, `m` or `h` (`"5ms"`, `"1.5s"`), or a number of milliseconds.
        - A **size** is a text of a number and `B`, `KiB`, `MiB` or `GiB` (powers of 1024), or a number of bytes.
        - Paths of files start at the working directory.
        - Nothing is lenient: an unknown setting, one given twice, another type, a value out of range, settings that contradict each other, a
          missing one are refused before anything starts. All problems are told together, a line each, and the exit code is 2:

          ```
          gpucrypt: serve.json:9:17: topics[0].format: expected raw, npy or json, found "jsn"; did you mean json?
          gpucrypt: serve.json:14:5: batch.linger_ms: unknown setting; did you mean batch.linger?
          gpucrypt: GPUCRYPT_BATCH__COUNT: batch.count: expected a whole number from 3 to 256, found "2"
          ```

        ## Environment variables

        They come before the file, and can do without it: `GPUCRYPT_` and the setting's path in any case, with two underscores for each level and
        the index for a list.

        | Variable | Setting |
        |---|---|
        | `GPUCRYPT_KAFKA__BOOTSTRAPSERVERS` | `kafka.bootstrapServers` |
        | `GPUCRYPT_TOPICS__0__SOURCE` | `topics[0].source` |
        | `GPUCRYPT_TOPICS__0__ALLOWEDTENANTS__1` | `topics[0].allowedTenants[1]` |
        | `GPUCRYPT_KAFKA__PROPERTIES__SASL_PASSWORD` | `kafka.properties["sasl.password"]`: in the name of a property one underscore is a dot |

        Lists grow by the next index. An empty variable says null where a setting takes null. Any other variable that begins with `GPUCRYPT_` is
        refused by name, except:


        """;

    private const string Others =
        "- the variables that `keyring.passphraseEnv` and `keyring.kekEnv` name;\n- those that Kubernetes sets for a service called gpucrypt (`GPUCRYPT_SERVICE_HOST`, `GPUCRYPT_PORT` and so on).\n\n";

    private const string Properties = """

        The service sets some properties itself, because delivery at least once and in order depends on them, or because they are settings above.
        They are refused in the three lists:

        | Property | Why |
        |---|---|

        """;

    /// <summary>The page.</summary>
    public static string Create()
    {
        var page = new StringBuilder(Head);
        foreach ((string name, string meaning) in SettingsEnvironment.ProgramVariables)
            page.Append($"- `{name}`: {meaning}\n");
        page.Append(Others);
        AppendTable(page, "The service", "", [.. ServiceSettingsTable.Root.Settings.Where(setting => setting.Children.Count == 0)], "");
        foreach (Setting section in ServiceSettingsTable.Root.Settings.Where(setting => setting.Children.Count > 0))
        {
            AppendTable(page, $"`{section.Name}`", section.Shape == SettingShape.Sections ? section.Name + "[]" : section.Name, section.Children, section.Meaning + "\n\n");
            if (section.Name != "kafka")
                continue;
            page.Append(Properties);
            foreach ((string property, string why) in KafkaProperties.AllOwned)
                page.Append($"| `{property}` | {Cell(why)} |\n");
        }

        return page.ToString();
    }

    private static void AppendTable(StringBuilder page, string title, string path, IReadOnlyList<Setting> settings, string introduction)
    {
        if (page[^2] != '\n')
            page.Append('\n');
        page.Append($"## {title}\n\n{introduction}| Setting | Values | Default | Meaning |\n|---|---|---|---|\n");
        foreach (Setting setting in settings)
            page.Append($"| `{SettingsReading.Join(path, setting.Name)}` | {Cell(setting.Description)} | {Cell(setting.Default)} | {Cell(setting.Meaning)} |\n");
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("[]", "\\[\\]", StringComparison.Ordinal);
}
