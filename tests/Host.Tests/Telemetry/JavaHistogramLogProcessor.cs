using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace GpuCrypt.Host.Tests.Telemetry;

/// <summary>HdrHistogram's own log processor, as Debian packages it: the judge of the logs we write.</summary>
internal static class JavaHistogramLogProcessor
{
    private const string Jar = "/usr/share/java/hdrhistogram.jar";
    private const string Packages = "install the Debian packages libhdrhistogram-java and default-jre-headless (apt-get install libhdrhistogram-java default-jre-headless)";

    /// <summary>One line of the interval log: times in seconds, values in the log's own unit.</summary>
    public sealed record Interval(double End, long Count, long P50, long P90, long Max, long TotalCount, long Total50, long Total90, long Total99, long Total999, long Total9999, long TotalMax);

    /// <summary>One step of the percentile distribution.</summary>
    public sealed record Step(long Value, double Quantile, long CumulativeCount);

    public sealed record Report(IReadOnlyList<Interval> Intervals, IReadOnlyList<Step> Distribution);

    /// <summary>Processes the intervals of one tag.</summary>
    public static Report Read(string log, string tag)
    {
        string output = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.processed");
        try
        {
            // Ratio 1: values as recorded.
            Run("-csv", "-i", log, "-o", output, "-tag", tag, "-outputValueUnitRatio", "1");
            return new Report(
                [.. Rows(output).Select(f => new Interval(Number(f[0]), Whole(f[1]), Whole(f[2]), Whole(f[3]), Whole(f[4]), Whole(f[5]), Whole(f[6]), Whole(f[7]), Whole(f[8]), Whole(f[9]), Whole(f[10]), Whole(f[11])))],
                [.. Rows(output + ".hgrm").Select(f => new Step(Whole(f[0]), Number(f[1]), Whole(f[2])))]);
        }
        finally
        {
            File.Delete(output);
            File.Delete(output + ".hgrm");
        }
    }

    /// <summary>The tags found in a log.</summary>
    public static string[] Tags(string log) => Run("-listtags", "-i", log).Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..];

    private static string Run(params string[] arguments)
    {
        Assert.True(File.Exists(Jar), $"{Jar} is missing: {Packages}.");
        var start = new ProcessStartInfo("java") { RedirectStandardOutput = true, RedirectStandardError = true };
        // A JVM that announces options it picked up would look like one that complains.
        start.Environment.Remove("JAVA_TOOL_OPTIONS");
        foreach (string argument in (string[])["-Duser.language=en", "-Duser.country=US", "-cp", Jar, "org.HdrHistogram.HistogramLogProcessor", .. arguments])
            start.ArgumentList.Add(argument);

        using Process process = Start(start);
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromSeconds(60)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail("HistogramLogProcessor did not end within 60 s.");
        }

        // It tells of unreadable lines and of bad arguments on standard error and ends with 0 or 1.
        Assert.True(process.ExitCode == 0 && error.Result.Length == 0, $"HistogramLogProcessor ended with {process.ExitCode}: {error.Result}{output.Result}");
        return output.Result;
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            Assert.Fail($"java cannot be started ({e.Message}): {Packages}.");
            throw;
        }
    }

    private static IEnumerable<string[]> Rows(string path) =>
        File.ReadLines(path).Where(l => l.Length > 0 && char.IsAsciiDigit(l[0])).Select(l => l.Split(','));

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static long Whole(string text)
    {
        double number = Number(text);
        Assert.Equal(Math.Truncate(number), number);
        return (long)number;
    }
}
