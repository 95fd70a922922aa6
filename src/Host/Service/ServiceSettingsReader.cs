using System.Collections;
using GpuCrypt.Host.Service.Configuration;

namespace GpuCrypt.Host.Service;

/// <summary>
/// From a JSON file and environment variables to checked settings. The file may have comments and trailing commas; the environment comes
/// before the file. Nothing is lenient: an unknown setting, one given twice, another type, a value out of range, settings that contradict
/// each other or a missing one end the reading, with all problems together, a line each, that names place, setting, expected and found.
/// </summary>
internal static class ServiceSettingsReader
{
    private const int MaximumFileSize = 1 << 20;

    /// <summary>Reads the settings.</summary>
    /// <param name="file">The settings file; null when the environment says everything.</param>
    /// <param name="environment">All environment variables (<see cref="ProcessEnvironment"/>).</param>
    /// <param name="embeddedBroker">Whether the broker runs in the process: <c>kafka.bootstrapServers</c> may then be missing, and is empty.</param>
    /// <exception cref="CommandFailedException">The settings are wrong, or the file cannot be read; exit code 2.</exception>
    public static ServiceSettings Read(string? file, IReadOnlyDictionary<string, string> environment, bool embeddedBroker = false) =>
        Parse(file is null ? null : ReadFile(file), file ?? "", environment, embeddedBroker);

    /// <summary>The variables of this process.</summary>
    public static IReadOnlyDictionary<string, string> ProcessEnvironment()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            variables[(string)variable.Key] = (string?)variable.Value ?? "";
        return variables;
    }

    /// <summary>Reads the settings from a file's content.</summary>
    /// <param name="text">The content, UTF-8; null for no file.</param>
    /// <param name="file">The file's name for errors.</param>
    /// <param name="environment">All environment variables.</param>
    /// <param name="embeddedBroker">Whether the broker runs in the process.</param>
    /// <param name="machine">What there is for the settings to ask for; this machine when null.</param>
    /// <exception cref="CommandFailedException">The settings are wrong; exit code 2.</exception>
    internal static ServiceSettings Parse(
        byte[]? text, string file, IReadOnlyDictionary<string, string> environment, bool embeddedBroker = false, SettingsMachine? machine = null)
    {
        var reading = new SettingsReading(embeddedBroker);
        SettingValue? root = text is null ? new SettingValue(SettingValueKind.Object, SettingsReading.Environment) : SettingsDocument.Read(text, file, reading);
        if (root is null)
            throw CommandFailedException.Usage(reading.Problems);
        reading.Note("", root.Place);
        SettingsEnvironment.Apply(root, environment, reading);
        ServiceSettings settings = ServiceSettingsTable.Root.Read(reading, "", root);
        if (root.Kind == SettingValueKind.Object)
            ServiceSettingsRules.Check(settings, reading, environment, machine ?? SettingsMachine.Own());
        return reading.HasProblems ? throw CommandFailedException.Usage(reading.Problems) : settings;
    }

    private static byte[] ReadFile(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            // A pipe is a file too (--config <(...)), so the length is known at the end.
            byte[] buffer = new byte[MaximumFileSize + 1];
            int length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            if (length > MaximumFileSize)
                throw CommandFailedException.Usage($"{file}: expected a settings file of at most {SizeType.ShowBytes(MaximumFileSize)}, found a larger one.");
            return buffer[..length];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CommandFailedException($"{file}: the settings file cannot be read: {exception.Message}", ExitCodes.Usage, exception);
        }
    }
}
