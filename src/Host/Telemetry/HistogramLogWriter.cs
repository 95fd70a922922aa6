using System.Globalization;
using System.Text;

namespace GpuCrypt.Host.Telemetry;

/// <summary>
/// Writes interval logs in HdrHistogram's log format 1.3 (<c>.hlog</c>), which its own tools read: header lines, then one line an interval with an
/// optional tag, start in seconds since the base time, length in seconds, maximum, and the histogram as base64 of its compressed V2 encoding.
/// Not safe for use by several threads at once.
/// </summary>
/// <remarks>
/// Lines are collected by <see cref="Add"/> and go to the file in one write by <see cref="Flush"/>, with no buffer in the process behind it: what was
/// flushed is in the file whatever becomes of the process, and a line is there whole or not at all.
/// </remarks>
public sealed class HistogramLogWriter : IDisposable
{
    private readonly Stream _file;
    private readonly DateTimeOffset _baseTime;
    private readonly StringBuilder _pending = new();
    private long _end;

    /// <summary>Starts a run behind the last whole line of a stream that can be read, written and set to a position; the writer then owns it.</summary>
    internal HistogramLogWriter(Stream file, string path, DateTimeOffset startTime, string application)
    {
        ArgumentNullException.ThrowIfNull(application);
        if (application.AsSpan().IndexOfAny('\r', '\n') >= 0)
            throw new ArgumentException("The application's name must be one line.", nameof(application));

        _file = file;
        Path = path;
        _baseTime = startTime;
        _end = EndOfLastLine(file);
        file.SetLength(_end);
        file.Position = _end;
        AddHeader(application);
        Flush();
    }

    /// <summary>What maxima are divided by in the log's third column, for people who read it: with nanoseconds, 1,000,000 shows milliseconds.</summary>
    public double MaxValueUnitRatio { get; init; } = 1_000_000;

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>Starts a log in a new file, readable and writable by its owner alone, or in place of what an existing file holds.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="startTime">When the recordings began; interval times in the file count from here.</param>
    /// <param name="application">A word on who writes it, for the first line; one line.</param>
    /// <exception cref="IOException">The file cannot be created or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be created or written.</exception>
    public static HistogramLogWriter Create(string path, DateTimeOffset startTime, string application) => Open(path, FileMode.Create, startTime, application);

    /// <summary>
    /// Starts a further run in a log, behind what an existing file holds (less a last line cut short by a crash), or in a new file as <see cref="Create"/> does.
    /// Readers take each run's times from its own header.
    /// </summary>
    /// <inheritdoc cref="Create"/>
    public static HistogramLogWriter Append(string path, DateTimeOffset startTime, string application) => Open(path, FileMode.OpenOrCreate, startTime, application);

    /// <summary>Adds an interval to what the next <see cref="Flush"/> writes.</summary>
    /// <param name="tag">The name of what was measured, without commas, spaces and line breaks; null for none.</param>
    /// <param name="start">The interval's start.</param>
    /// <param name="length">The interval's length.</param>
    /// <param name="histogram">The interval's recordings. Clamped ones are told in a comment, the format having no place for them.</param>
    /// <exception cref="ArgumentException">The tag has a comma, space or line break in it, or is empty.</exception>
    public void Add(string? tag, DateTimeOffset start, TimeSpan length, HdrHistogram histogram)
    {
        ArgumentNullException.ThrowIfNull(histogram);
        if (tag is not null && (tag.Length == 0 || tag.AsSpan().IndexOfAny(", \r\n") >= 0))
            throw new ArgumentException($"The tag '{tag}' of a histogram log line must not be empty nor have commas, spaces or line breaks in it.", nameof(tag));

        if (histogram.ClampedLow != 0 || histogram.ClampedHigh != 0)
        {
            _pending.Append(CultureInfo.InvariantCulture,
                $"#[Clamped: {tag}, {histogram.ClampedHigh} recorded at the highest value {histogram.Layout.HighestTrackable}, {histogram.ClampedLow} negative recorded at 0]\n");
        }

        if (tag is not null)
            _pending.Append("Tag=").Append(tag).Append(',');

        _pending.Append(CultureInfo.InvariantCulture,
            $"{(start - _baseTime).TotalSeconds:F3},{length.TotalSeconds:F3},{histogram.Max / MaxValueUnitRatio:F3},");
        _pending.Append(Convert.ToBase64String(HdrEncoding.EncodeCompressed(histogram))).Append('\n');
    }

    /// <summary>Writes the intervals added since the last flush.</summary>
    /// <exception cref="IOException">The write failed, as on a full disk. The intervals are dropped and the file is cut back to its last whole line; writing may be tried again later.</exception>
    public void Flush()
    {
        byte[] lines = Encoding.UTF8.GetBytes(_pending.ToString());
        _pending.Clear();
        if (lines.Length == 0)
            return;

        try
        {
            _file.Write(lines);
            _end += lines.Length;
        }
        catch (IOException)
        {
            CutBack();
            throw;
        }
    }

    /// <summary>Writes what was added and closes the file.</summary>
    /// <exception cref="IOException">The last write failed; the file is closed all the same.</exception>
    public void Dispose()
    {
        try
        {
            if (_file.CanWrite)
                Flush();
        }
        finally
        {
            _file.Dispose();
        }
    }

    private static HistogramLogWriter Open(string path, FileMode mode, DateTimeOffset startTime, string application)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.Read, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        var file = new FileStream(path, options);
        try
        {
            return new HistogramLogWriter(file, file.Name, startTime, application);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static long EndOfLastLine(Stream file)
    {
        Span<byte> block = stackalloc byte[4096];
        long end = file.Length;
        while (end > 0)
        {
            int length = (int)Math.Min(end, block.Length);
            file.Position = end - length;
            file.ReadExactly(block[..length]);
            int newline = block[..length].LastIndexOf((byte)'\n');
            if (newline >= 0)
                return end - length + newline + 1;

            end -= length;
        }

        return 0;
    }

    private void AddHeader(string application)
    {
        string seconds = (_baseTime.ToUnixTimeMilliseconds() / 1000.0).ToString("F3", CultureInfo.InvariantCulture);
        _pending.Append(CultureInfo.InvariantCulture, $"#{application}\n");
        _pending.Append("#[Histogram log format version 1.3]\n");
        _pending.Append(CultureInfo.InvariantCulture, $"#[StartTime: {seconds} (seconds since epoch), {_baseTime.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}]\n");
        _pending.Append(CultureInfo.InvariantCulture, $"#[BaseTime: {seconds} (seconds since epoch)]\n");
        _pending.Append("\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n");
    }

    private void CutBack()
    {
        try
        {
            _file.SetLength(_end);
            _file.Position = _end;
        }
        catch (IOException)
        {
            // The write's own failure is the one to report.
        }
    }
}
