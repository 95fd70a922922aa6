namespace GpuCrypt.Host.Service.Configuration;

/// <summary>The settings explained at a terminal, at most 100 columns wide.</summary>
internal static class SettingsHelp
{
    /// <summary>The most columns of a line.</summary>
    public const int Width = 100;

    private const string Introduction =
        "The file is JSON; comments and trailing commas are allowed. A time is a text such as \"5ms\", \"2s\", \"1m\" or \"1h\", or a number of milliseconds; "
        + "a size is a text such as \"64KiB\", \"4MiB\" or \"1GiB\", or a number of bytes.";

    private const string EnvironmentIntroduction =
        "Environment variables come before the file and can do without it: GPUCRYPT_ and the setting's path in any case, with __ for each level and an index "
        + "for []. GPUCRYPT_TOPICS__0__SOURCE is topics[0].source. In the name of a Kafka property _ is a dot: GPUCRYPT_KAFKA__PROPERTIES__SASL_PASSWORD is "
        + "sasl.password. An empty variable says null where a setting takes null. Other variables that begin with GPUCRYPT_ are refused, except:";

    /// <summary>Writes the explanation of every setting.</summary>
    public static void Write(TextWriter writer)
    {
        writer.WriteLine("Settings:");
        WriteWrapped(writer, Introduction, 2);
        writer.WriteLine();
        WriteWrapped(writer, EnvironmentIntroduction, 2);
        foreach ((string name, string meaning) in SettingsEnvironment.ProgramVariables)
            WriteWrapped(writer, $"{name}: {meaning}", 4);
        WriteWrapped(writer, "and the variables that keyring.passphraseEnv and keyring.kekEnv name, and those that Kubernetes sets for a service called gpucrypt.", 4);
        WriteSettings(writer, "", ServiceSettingsTable.Root.Settings);
        writer.WriteLine();
    }

    private static void WriteSettings(TextWriter writer, string path, IEnumerable<Setting> settings)
    {
        foreach (Setting setting in settings)
        {
            string own = SettingsReading.Join(path, setting.Name);
            writer.WriteLine();
            if (setting.Children.Count > 0)
            {
                WriteWrapped(writer, $"{own}: {setting.Meaning}", 2);
                WriteSettings(writer, setting.Shape == SettingShape.Sections ? own + "[]" : own, setting.Children);
                continue;
            }

            WriteWrapped(writer, $"{own} ({setting.Description}; {(setting.IsRequired ? "" : "default: ")}{setting.Default})", 2);
            WriteWrapped(writer, setting.Meaning, 6);
        }
    }

    private static void WriteWrapped(TextWriter writer, string text, int indent)
    {
        int column = 0;
        foreach (string word in text.Split(' '))
        {
            if (column > 0 && column + 1 + word.Length > Width)
            {
                writer.WriteLine();
                column = 0;
            }

            string before = column == 0 ? new string(' ', indent) : " ";
            writer.Write(before);
            writer.Write(word);
            column += before.Length + word.Length;
        }

        writer.WriteLine();
    }
}
