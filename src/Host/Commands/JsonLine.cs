using System.Text;
using System.Text.Json;

namespace GpuCrypt.Host.Commands;

/// <summary>What <c>--json</c> prints: one object a line.</summary>
internal static class JsonLine
{
    /// <summary>Writes one object, whose members <paramref name="members"/> writes.</summary>
    public static void Write(TextWriter output, Action<Utf8JsonWriter> members)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }
}
