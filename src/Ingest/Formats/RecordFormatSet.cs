using System.Text;

namespace GpuCrypt.Ingest.Formats;

/// <summary>The formats of a stream, by name and by content type. Immutable, so thread-safe.</summary>
public sealed class RecordFormatSet
{
    private readonly (IRecordFormat Format, byte[] Name, byte[] ContentType)[] _formats;

    /// <summary>Creates a set.</summary>
    /// <param name="formats">The formats, each with a name of its own.</param>
    public RecordFormatSet(params IReadOnlyList<IRecordFormat> formats)
    {
        ArgumentNullException.ThrowIfNull(formats);
        _formats = [.. formats.Select(format => (format, Encoding.ASCII.GetBytes(format.Name), Encoding.ASCII.GetBytes(format.ContentType)))];
    }

    /// <summary>The names of the formats.</summary>
    public IEnumerable<string> Names => _formats.Select(entry => entry.Format.Name);

    /// <summary>The format with a name; null when there is none.</summary>
    public IRecordFormat? ByName(string name) => Array.Find(_formats, entry => entry.Format.Name == name).Format;

    /// <summary>The format that a content-type header asks for: its media type, parameters aside, or its name. Null when there is none. Allocates nothing.</summary>
    public IRecordFormat? ByContentType(ReadOnlySpan<byte> header)
    {
        int end = header.IndexOf((byte)';');
        ReadOnlySpan<byte> type = (end < 0 ? header : header[..end]).Trim((byte)' ');
        foreach ((IRecordFormat format, byte[] name, byte[] contentType) in _formats)
        {
            if (Ascii.EqualsIgnoreCase(type, contentType) || Ascii.EqualsIgnoreCase(type, name))
                return format;
        }

        return null;
    }
}
