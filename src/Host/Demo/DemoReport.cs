using System.Globalization;
using System.Text.Json;
using GpuCrypt.Host.Telemetry;
using Spectre.Console;

namespace GpuCrypt.Host.Demo;

/// <summary>The demo's result as a page for people, or as one JSON object for machines.</summary>
internal static class DemoReport
{
    private const int NarrowestPage = 110;

    /// <summary>Writes the page.</summary>
    public static void WritePage(DemoResult result, TextWriter output, bool isTerminal)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            Interactive = InteractionSupport.No,
        });
        if (!isTerminal)
            console.Profile.Width = NarrowestPage;

        console.WriteLine();
        console.MarkupLine($"[bold]GpuCrypt[/] encrypted {result.Records:N0} word embeddings (d = {result.Dimension}) from one Kafka topic into another, on {Markup.Escape(result.Device.Hardware)} ({Markup.Escape(result.Device.Detail)}, {result.Device.Units} threads).");
        console.MarkupLine($"[bold]{result.RecordsPerSecond:N0} records/s[/] through broker, service and an independent checker, all in this one process. The consumer group formed in {result.TimeToJoin.TotalSeconds:0.0} s; the first record was encrypted and checked {result.TimeToFirst.TotalMilliseconds:0} ms later.");
        console.WriteLine();
        console.Write(Checks(result));
        console.WriteLine();
        console.MarkupLine("[bold]Where a record's time goes[/]");
        console.Write(Latencies(result));
        console.MarkupLine($"[grey]The stream is paced by the checker, so these are latencies under load. Intervals of all stages: {Markup.Escape(result.LatencyLog)}[/]");
        console.WriteLine();
        console.MarkupLine($"[bold]Does search still work?[/] Of each word's 10 nearest neighbours, {result.Recall.Queries} queries over the ciphertexts find again (approximation factor {result.ApproximationFactor.ToString(CultureInfo.InvariantCulture)}):");
        console.MarkupLine($"  with the right key  [green]{result.Recall.RightKey:P1}[/]");
        console.MarkupLine($"  with a wrong key    [red]{result.Recall.WrongKey:P1}[/]   (guessing: {result.Recall.Chance:P2})");
        console.WriteLine();
        console.Write(Neighbours(result));
        console.WriteLine();
        console.MarkupLine(result.Passed ? "[bold green]Every check held.[/]" : "[bold red]A check failed.[/]");
    }

    /// <summary>Writes one line of JSON.</summary>
    public static void WriteJson(DemoResult result, TextWriter output)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteBoolean("passed", result.Passed);
            json.WriteNumber("records", result.Records);
            json.WriteNumber("dimension", result.Dimension);
            json.WriteNumber("approximation_factor", result.ApproximationFactor);
            json.WriteString("device", result.Device.Name);
            json.WriteString("hardware", result.Device.Hardware);
            json.WriteNumber("threads", result.Device.Units);
            json.WriteNumber("stream_seconds", result.StreamTime.TotalSeconds);
            json.WriteNumber("seconds_to_join", result.TimeToJoin.TotalSeconds);
            json.WriteNumber("seconds_to_first", result.TimeToFirst.TotalSeconds);
            json.WriteNumber("records_per_second", result.RecordsPerSecond);
            json.WriteStartArray("checks");
            foreach (DemoCheck check in result.Checks)
            {
                json.WriteStartObject();
                json.WriteString("name", check.Name);
                json.WriteBoolean("held", check.Held);
                json.WriteString("found", check.Found);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartObject("recall_at_10");
            json.WriteNumber("queries", result.Recall.Queries);
            json.WriteNumber("right_key", result.Recall.RightKey);
            json.WriteNumber("wrong_key", result.Recall.WrongKey);
            json.WriteNumber("chance", result.Recall.Chance);
            json.WriteEndObject();
            json.WriteStartArray("latency_nanoseconds");
            foreach (StageSummary stage in result.Latencies)
            {
                json.WriteStartObject();
                json.WriteString("stage", stage.Name);
                json.WriteNumber("count", stage.Count);
                json.WriteNumber("p50", stage.P50);
                json.WriteNumber("p90", stage.P90);
                json.WriteNumber("p99", stage.P99);
                json.WriteNumber("p999", stage.P999);
                json.WriteNumber("max", stage.Max);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("neighbours");
            foreach (DemoNeighbours word in result.Neighbours)
            {
                json.WriteStartObject();
                json.WriteString("word", word.Word);
                WriteWords(json, "plain", word.Plain);
                WriteWords(json, "encrypted", word.Encrypted);
                WriteWords(json, "wrong_key", word.WrongKey);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("latency_log", result.LatencyLog);
            json.WriteEndObject();
        }

        output.WriteLine(System.Text.Encoding.UTF8.GetString(stream.ToArray()));
    }

    private static void WriteWords(Utf8JsonWriter json, string name, IReadOnlyList<string> words)
    {
        json.WriteStartArray(name);
        foreach (string word in words)
            json.WriteStringValue(word);
        json.WriteEndArray();
    }

    private static Table Checks(DemoResult result)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumn("").AddColumn("Checked").AddColumn("Found");
        foreach (DemoCheck check in result.Checks)
            table.AddRow(check.Held ? "[green]ok[/]" : "[red]FAILED[/]", Markup.Escape(check.What), Markup.Escape(check.Found));
        return table;
    }

    private static Table Latencies(DemoResult result)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumn("Stage");
        foreach (string name in new[] { "p50", "p90", "p99", "p99.9", "max" })
            table.AddColumn(new TableColumn(name).RightAligned());
        table.AddColumn("What it is");
        foreach (StageSummary stage in result.Latencies)
        {
            table.AddRow(
                stage.Name, Duration(stage.P50), Duration(stage.P90), Duration(stage.P99), Duration(stage.P999), Duration(stage.Max), Meaning(stage.Stage));
        }

        return table;
    }

    private static Table Neighbours(DemoResult result)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumn("Nearest to").AddColumn("on plaintext").AddColumn("on ciphertext").AddColumn("with a wrong key");
        foreach (DemoNeighbours word in result.Neighbours)
            table.AddRow($"[bold]{Markup.Escape(word.Word)}[/]", List(word.Plain), List(word.Encrypted), $"[grey]{List(word.WrongKey)}[/]");
        return table;

        static string List(IEnumerable<string> words) => Markup.Escape(string.Join(", ", words));
    }

    private static string Meaning(Stage stage) => stage switch
    {
        Stage.IngestWait => "producer's timestamp to consumption",
        Stage.Fill => "waiting for the batch to fill",
        Stage.Device => "shuffle, scale, perturb, tag",
        Stage.Sink => "produced and acknowledged",
        _ => "consumption to acknowledgement",
    };

    private static string Duration(long nanoseconds) => nanoseconds switch
    {
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e3:0} µs"),
        < 100_000_000 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e6:0.0} ms"),
        < 10_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e6:0} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e9:0.0} s"),
    };
}
