using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using GpuCrypt.Host.Keyrings;

namespace GpuCrypt.Host.Commands;

/// <summary><c>gpucrypt keys list</c>: what a keyring holds, without the secrets.</summary>
internal static class KeysListCommand
{
    public static Command Create()
    {
        var keyring = new KeyringOptions();
        var json = new Option<bool>("--json") { Description = "Write JSON." };
        var command = new Command("list", "Show secret paths, their settings and the ids of their secrets.") { json };
        keyring.AddTo(command);
        command.SetAction(result =>
        {
            using Keyring opened = keyring.Open(result);
            TextWriter output = result.InvocationConfiguration.Output;
            if (result.GetValue(json))
                WriteJson(opened, output);
            else
                WriteTable(opened, output);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void WriteTable(Keyring keyring, TextWriter output)
    {
        List<string[]> rows = [["PATH", "APPROXIMATION", "SCALING", "SECRET", "ROLE", "CREATED"]];
        foreach (SecretPath path in keyring.Paths)
        {
            foreach ((KeyringSecret secret, string role) in Secrets(path))
            {
                rows.Add([
                    path.Name, path.ApproximationFactor.ToString(CultureInfo.InvariantCulture), path.Scaling ? "on" : "off",
                    secret.Id.ToString(CultureInfo.InvariantCulture), role, Created(secret) ?? "unknown"]);
            }
        }

        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(i => rows.Max(row => row[i].Length))];
        foreach (string[] row in rows)
            output.WriteLine(string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
    }

    private static void WriteJson(Keyring keyring, TextWriter output)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("file", keyring.File);
            json.WriteBoolean("sealed", keyring.IsSealed);
            json.WriteStartArray("secretPaths");
            foreach (SecretPath path in keyring.Paths)
            {
                json.WriteStartObject();
                json.WriteString("name", path.Name);
                json.WriteNumber("approximationFactor", path.ApproximationFactor);
                json.WriteBoolean("scaling", path.Scaling);
                json.WriteStartArray("secrets");
                foreach ((KeyringSecret secret, string role) in Secrets(path))
                {
                    json.WriteStartObject();
                    json.WriteNumber("id", secret.Id);
                    json.WriteString("role", role);
                    json.WriteString("created", Created(secret));
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteStartArray("retiredIds");
                foreach (uint id in path.RetiredIds)
                    json.WriteNumberValue(id);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length));
    }

    private static IEnumerable<(KeyringSecret Secret, string Role)> Secrets(SecretPath path)
    {
        yield return (path.Current, "current");
        if (path.InRotation is not null)
            yield return (path.InRotation, "in rotation");
    }

    private static string? Created(KeyringSecret secret) =>
        secret.Created?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
