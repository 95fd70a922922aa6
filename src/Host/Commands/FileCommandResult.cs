using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using GpuCrypt.Ingest.Files;
using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Host.Commands;

/// <summary>What became of a file.</summary>
/// <param name="Verb"><c>encrypt</c> or <c>decrypt</c>.</param>
/// <param name="Arguments">The command line.</param>
/// <param name="Operation">What was done.</param>
/// <param name="Device">The device that did it.</param>
/// <param name="Done">The vectors done.</param>
/// <param name="Rejected">The rows rejected.</param>
/// <param name="Bytes">The size of the input.</param>
/// <param name="Elapsed">How long it took.</param>
internal sealed record FileCommandResult(
    string Verb, FileCommandArguments Arguments, BatchOperation Operation, string Device, long Done, long Rejected, long Bytes, TimeSpan Elapsed)
{
    private double Rate => Elapsed > TimeSpan.Zero ? (Done + Rejected) / Elapsed.TotalSeconds : 0;

    private string? Metadata => Operation == BatchOperation.Encrypt && Arguments.Kind != VectorFileKind.JsonLines ? VectorFileNames.Metadata(Arguments.Output) : null;

    private string? Rejects => Rejected > 0 ? VectorFileNames.Rejects(Arguments.Output) : null;

    /// <summary>Writes one line for a person, or one JSON object for a machine.</summary>
    public void WriteTo(TextWriter output)
    {
        if (Arguments.Json)
        {
            output.WriteLine(Json());
            return;
        }

        string rejected = Rejects is null ? "" : string.Create(CultureInfo.InvariantCulture, $", {Rejected:N0} rejected (see {Rejects})");
        string metadata = Metadata is null ? "" : $", metadata in {Metadata}";
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Arguments.Output}: {Done:N0} {(Done == 1 ? "vector" : "vectors")} {Verb}ed{metadata}{rejected}; {ProgressReporter.Duration(Elapsed)}, {Rate:N0} vectors/s on {Device}."));
    }

    private string Json()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("command", Verb);
            json.WriteString("input", Arguments.Input);
            json.WriteString("output", Arguments.Output);
            json.WriteString("metadata", Metadata);
            json.WriteString("rejects", Rejects);
            json.WriteBoolean("oneWay", Operation == BatchOperation.EncryptOneWay);
            json.WriteNumber("done", Done);
            json.WriteNumber("rejected", Rejected);
            json.WriteNumber("bytes", Bytes);
            json.WriteNumber("seconds", Math.Round(Elapsed.TotalSeconds, 6));
            json.WriteNumber("vectorsPerSecond", Math.Round(Rate, 1));
            json.WriteString("device", Device);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
