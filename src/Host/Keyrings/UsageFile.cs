using System.Text;
using System.Text.Json;

namespace GpuCrypt.Host.Keyrings;

/// <summary>
/// The file of the counters (docs/KEYS.md): a header line with a generation, then one JSON object a line, each adding to one derived
/// key's count, or giving back from it. Used under the file's lock, so that several processes may append; a new generation tells them
/// that the file was rewritten. Not thread-safe.
/// </summary>
internal sealed class UsageFile
{
    private const string What = "usage file";
    private const string Format = "gpucrypt-usage";
    private static readonly string[] HeaderFields = ["format", "version", "generation"];
    private static readonly string[] EntryFields = ["secretPath", "id", "context", "encryptions"];

    private readonly string _file;
    private readonly Action<Entry> _add;
    private readonly Action _forget;
    private string _generation = "";
    private long _offset;

    /// <summary>Creates the reader and writer of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="add">Called for each entry that is read.</param>
    /// <param name="forget">Called when everything read so far no longer holds.</param>
    public UsageFile(string file, Action<Entry> add, Action forget)
    {
        _file = file;
        _add = add;
        _forget = forget;
    }

    /// <summary>How many lines the file has, as far as it was read.</summary>
    public int Lines { get; private set; }

    /// <summary>Takes the file's lock; a folder that cannot be written is found out here.</summary>
    public FileLock Lock() => FileLock.Take(_file, What);

    /// <summary>Reads what has come since the last time; nothing when there is no file.</summary>
    /// <exception cref="KeyringException">The file is open to others or wrong.</exception>
    public void Read()
    {
        if (!File.Exists(_file))
            return;
        using SecretBytes content = PrivateFile.Read(_file, What, int.MaxValue);
        Read(content.Span);
    }

    /// <summary>Reads what has come since the last time, then appends; under the lock.</summary>
    /// <param name="entries">Gives the entries to append, once the file has been read.</param>
    /// <param name="toDisk">Whether to wait until the disk has them.</param>
    public void Append(Func<IEnumerable<Entry>> entries, bool toDisk)
    {
        try
        {
            using FileStream stream = PrivateFile.Open(_file, FileMode.OpenOrCreate, FileShare.ReadWrite | FileShare.Delete, FileAccess.ReadWrite);
            PrivateFile.CheckMode(stream.SafeFileHandle, _file, What);
            if (stream.Length != _offset || _offset == 0)
            {
                byte[] content = new byte[stream.Length];
                stream.ReadExactly(content);
                Read(content);
                // A line without an end was cut off by a crash before it counted for anything.
                stream.SetLength(_offset);
            }

            string text = string.Concat(entries().Select(ToLine));
            if (_offset == 0)
                text = NewHeader() + text;
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            stream.Position = _offset;
            stream.Write(bytes);
            if (toDisk)
                stream.Flush(flushToDisk: true);
            _offset += bytes.Length;
            Lines += bytes.AsSpan().Count((byte)'\n');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw PrivateFile.Unusable(_file, What, "write", exception);
        }
    }

    /// <summary>Replaces the file by these entries alone; under the lock.</summary>
    public void Rewrite(IEnumerable<Entry> entries)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(NewHeader() + string.Concat(entries.Select(ToLine)));
        PrivateFile.Write(_file, bytes, What);
        _offset = bytes.Length;
        Lines = bytes.AsSpan().Count((byte)'\n');
    }

    private static string ToLine(Entry entry) => Line(json =>
    {
        json.WriteString(EntryFields[0], entry.SecretPath);
        json.WriteNumber(EntryFields[1], entry.SecretId);
        json.WriteString(EntryFields[2], entry.Context);
        json.WriteNumber(EntryFields[3], entry.Encryptions);
    });

    private static string Line(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length) + "\n";
    }

    private string NewHeader()
    {
        _generation = Guid.NewGuid().ToString("N");
        return Line(json =>
        {
            json.WriteString(HeaderFields[0], Format);
            json.WriteNumber(HeaderFields[1], 1);
            json.WriteString(HeaderFields[2], _generation);
        });
    }

    private void Read(ReadOnlySpan<byte> content)
    {
        int headerEnd = content.IndexOf((byte)'\n') + 1;
        string generation = headerEnd == 0 ? "" : ReadHeader(content[..headerEnd]);
        if (generation != _generation || content.Length < _offset)
        {
            _forget();
            _generation = generation;
            _offset = headerEnd;
            Lines = headerEnd == 0 ? 0 : 1;
        }

        for (int size; (size = content[(int)_offset..].IndexOf((byte)'\n') + 1) > 0; _offset += size)
        {
            Lines++;
            _add(ReadEntry(content.Slice((int)_offset, size)));
        }
    }

    private string ReadHeader(ReadOnlySpan<byte> line)
    {
        var json = new StrictJson(line, _file);
        string generation = "";
        uint seen = 0;
        json.Read("");
        json.ExpectObject("");
        while (json.NextField("", HeaderFields, ref seen, out int field))
        {
            if (field == 0)
                json.ExpectText(HeaderFields[0], Format);
            else if (field == 1)
                json.Integer(HeaderFields[1], 1, 1);
            else
                generation = json.Text(HeaderFields[2]);
        }

        json.Require(0, "", HeaderFields, seen, 0b111);
        json.End();
        return generation;
    }

    private Entry ReadEntry(ReadOnlySpan<byte> line)
    {
        var json = new StrictJson(line, _file, Lines);
        string secretPath = "", context = "";
        long id = 0, encryptions = 0;
        uint seen = 0;
        json.Read("");
        json.ExpectObject("");
        while (json.NextField("", EntryFields, ref seen, out int field))
        {
            if (field == 0)
                secretPath = json.Text(EntryFields[0]);
            else if (field == 1)
                id = json.Integer(EntryFields[1], 1, uint.MaxValue);
            else if (field == 2)
                context = json.Text(EntryFields[2]);
            else
                encryptions = json.Integer(EntryFields[3], -(1L << 62), 1L << 62);
        }

        json.Require(0, "", EntryFields, seen, 0b1111);
        json.End();
        return new Entry(secretPath, (uint)id, context, encryptions);
    }

    /// <summary>One line.</summary>
    /// <param name="SecretPath">The secret path's name.</param>
    /// <param name="SecretId">The secret's id.</param>
    /// <param name="Context">Tenant, "-", derivation path.</param>
    /// <param name="Encryptions">What to add.</param>
    public readonly record struct Entry(string SecretPath, uint SecretId, string Context, long Encryptions);
}
