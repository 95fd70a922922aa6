using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using GpuCrypt.Host.Service.Configuration;

namespace GpuCrypt.Host.Service;

/// <summary>Settings as the JSON that the reader reads, every one of them, secrets redacted.</summary>
internal static class ServiceSettingsPrinter
{
    // For a terminal or a file, not for a page of HTML: quotes and accents stay as they are.
    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The settings as an indented JSON object.</summary>
    public static string Print(ServiceSettings settings)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options))
            ServiceSettingsTable.Root.Write(writer, settings);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
