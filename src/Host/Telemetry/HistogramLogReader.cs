using System.Globalization;

namespace GpuCrypt.Host.Telemetry;

/// <summary>Reads interval logs in HdrHistogram's log format 1.3, whoever wrote them.</summary>
public static class HistogramLogReader
{
    private const string StartTimePrefix = "#[StartTime:";
    private const string BaseTimePrefix = "#[BaseTime:";
    private const string TagPrefix = "Tag=";

    /// <summary>Reads the intervals of a file, in their order there, as they are asked for.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">A line is malformed; the message names file, line and field.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IEnumerable<HistogramLogEntry> Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Read(File.ReadLines(path), path);
    }

    /// <summary>Reads the intervals of a log given by its lines.</summary>
    /// <param name="lines">The lines, without their ends.</param>
    /// <param name="name">What to call the log in errors.</param>
    /// <exception cref="InvalidDataException">A line is malformed; the message names log, line and field.</exception>
    public static IEnumerable<HistogramLogEntry> Read(IEnumerable<string> lines, string name)
    {
        ArgumentNullException.ThrowIfNull(lines);
        double? startTime = null;
        double? baseTime = null;
        int number = 0;
        foreach (string line in lines)
        {
            number++;
            string where = $"{name}, line {number}";
            if (line.StartsWith(StartTimePrefix, StringComparison.Ordinal))
            {
                // A further run in the same file has times of its own.
                (startTime, baseTime) = (ParseHeader(line, StartTimePrefix, where), null);
            }
            else if (line.StartsWith(BaseTimePrefix, StringComparison.Ordinal))
            {
                baseTime = ParseHeader(line, BaseTimePrefix, where);
            }
            else if (line.Length > 0 && line[0] != '#' && !line.StartsWith("\"StartTimestamp\"", StringComparison.Ordinal))
            {
                string[] fields = line.Split(',');
                string? tag = null;
                if (fields[0].StartsWith(TagPrefix, StringComparison.Ordinal))
                {
                    tag = fields[0][TagPrefix.Length..];
                    fields = fields[1..];
                }

                if (fields.Length != 4)
                    throw new InvalidDataException($"{where}: expected start, length, maximum and histogram behind the tag, found {fields.Length} fields.");

                double start = ParseNumber(fields[0], where, "start");
                baseTime ??= GuessBaseTime(startTime, start);
                yield return new HistogramLogEntry(
                    tag,
                    DateTimeOffset.UnixEpoch + Seconds(baseTime.Value + start, where, "start"),
                    Seconds(ParseNumber(fields[1], where, "length"), where, "length"),
                    ParseNumber(fields[2], where, "maximum"),
                    DecodeHistogram(fields[3], where));
            }
        }
    }

    // The format's rule where no base time is given: times more than a year before the start time are relative to it, others absolute.
    private static double GuessBaseTime(double? startTime, double firstStart) =>
        startTime is { } start && firstStart < start - 365 * 24 * 3600.0 ? start : 0;

    private static double ParseHeader(string line, string prefix, string where)
    {
        ReadOnlySpan<char> rest = line.AsSpan(prefix.Length).TrimStart();
        int end = rest.IndexOfAny(" ,]");
        return ParseNumber(end < 0 ? rest : rest[..end], where, prefix[2..^1]);
    }

    private static double ParseNumber(ReadOnlySpan<char> text, string where, string field) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            ? number
            : throw new InvalidDataException($"{where}, field {field}: expected a number, found '{Excerpt(text)}'.");

    private static TimeSpan Seconds(double seconds, string where, string field)
    {
        if (!(Math.Abs(seconds) < 1e11))
            throw new InvalidDataException($"{where}, field {field}: {seconds} seconds are no time of this log's kind.");

        return TimeSpan.FromMilliseconds(Math.Round(seconds * 1000));
    }

    private static HdrHistogram DecodeHistogram(string base64, string where)
    {
        try
        {
            return HdrEncoding.DecodeCompressed(Convert.FromBase64String(base64));
        }
        catch (Exception e) when (e is FormatException or InvalidDataException)
        {
            throw new InvalidDataException($"{where}, field histogram: {e.Message}", e);
        }
    }

    private static string Excerpt(ReadOnlySpan<char> text) => text.Length <= 40 ? text.ToString() : $"{text[..40]}…";
}
