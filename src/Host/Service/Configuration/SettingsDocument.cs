using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace GpuCrypt.Host.Service.Configuration;

/// <summary>
/// Reads a settings file, JSON with comments and trailing commas, into values with their places. The text of a syntax error is never
/// repeated: it may be an unquoted password.
/// </summary>
internal ref struct SettingsDocument
{
    // The deepest setting is in the third object or list; this is where looking at what else there is ends.
    private const int Deepest = 16;

    private readonly ReadOnlySpan<byte> _text;
    private readonly string _file;
    private readonly SettingsReading _reading;
    private Utf8JsonReader _reader;

    // Where the line of the last place begins: places are asked for in order, so that the whole file is gone through once.
    private int _line = 1;
    private int _lineStart;

    // The name of the member whose value comes next; null when it is there a second time.
    private string? _name;
    private SettingPlace _namePlace;

    private SettingsDocument(ReadOnlySpan<byte> text, string file, SettingsReading reading)
    {
        _text = text.StartsWith("\uFEFF"u8) ? text[3..] : text;
        _file = file;
        _reading = reading;
        _reader = new Utf8JsonReader(_text, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 2 * Deepest });
    }

    /// <summary>Reads a whole file; what is wrong with it is reported.</summary>
    /// <returns>The root; null when the file is no JSON, so that nothing else can be said about it.</returns>
    public static SettingValue? Read(ReadOnlySpan<byte> text, string file, SettingsReading reading)
    {
        var document = new SettingsDocument(text, file, reading);
        return document.Read();
    }

    private SettingValue? Read()
    {
        if (!Utf8.IsValid(_text))
        {
            int at = 0;
            while (Rune.DecodeFromUtf8(_text[at..], out _, out int length) == OperationStatus.Done)
                at += length;
            _reading.Fail(PlaceOf(at), "", "the file is not UTF-8 text here; save it as UTF-8");
            return null;
        }

        // What was read last, for the words of a syntax error.
        JsonTokenType before = JsonTokenType.None;
        bool inArray = false;
        try
        {
            var open = new Stack<(SettingValue Value, string Path)>();
            SettingValue? root = null;
            string path = "";
            while (_reader.Read())
            {
                before = _reader.TokenType;
                if (before == JsonTokenType.PropertyName)
                {
                    path = ReadName(open.Peek());
                    continue;
                }

                if (before is JsonTokenType.EndObject or JsonTokenType.EndArray)
                {
                    open.Pop();
                    inArray = open.Count > 0 && open.Peek().Value.Kind == SettingValueKind.Array;
                    continue;
                }

                if (open.Count > 0 && inArray)
                    path = $"{open.Peek().Path}[{open.Peek().Value.Items.Count}]";
                SettingValue value = ReadValue(path);
                root ??= value;
                if (open.Count > 0)
                    Add(open.Peek().Value, value);
                if (before is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    if (open.Count == Deepest)
                    {
                        _reading.Fail(value.Place, "", $"expected objects and lists at most {Deepest} deep, found a deeper one");
                        return null;
                    }

                    open.Push((value, path));
                    inArray = before == JsonTokenType.StartArray;
                }
            }

            return root;
        }
        catch (JsonException exception)
        {
            int line = (int)(exception.LineNumber ?? 0) + 1;
            int column = Column(line, (int)(exception.BytePositionInLine ?? 0));
            _reading.Fail(new SettingPlace(_file, line, column), "", Expected(before, inArray));
            return null;
        }
    }

    /// <summary>Takes the name of a member; its value comes next.</summary>
    private string ReadName((SettingValue Value, string Path) parent)
    {
        SettingPlace place = PlaceOf((int)_reader.TokenStartIndex);
        string name = Text(parent.Path, place);
        string path = SettingsReading.Join(parent.Path, name);
        if (parent.Value.Find(name) is { } first)
        {
            _reading.Fail(place, path, $"expected the setting once, found it again; the first is in line {first.Place.Line}");
            _name = null;
        }
        else
        {
            _name = name;
            _namePlace = place;
        }

        return path;
    }

    private readonly void Add(SettingValue parent, SettingValue value)
    {
        if (parent.Kind == SettingValueKind.Array)
            parent.Items.Add(value);
        else if (_name is not null)
            parent.Put(new SettingMember(_name, _namePlace, value));
    }

    private SettingValue ReadValue(string path)
    {
        SettingPlace place = PlaceOf((int)_reader.TokenStartIndex);
        return _reader.TokenType switch
        {
            JsonTokenType.StartObject => new SettingValue(SettingValueKind.Object, place),
            JsonTokenType.StartArray => new SettingValue(SettingValueKind.Array, place),
            JsonTokenType.String => new SettingValue(SettingValueKind.Text, place, Text(path, place)),
            JsonTokenType.Number => new SettingValue(SettingValueKind.Number, place, Encoding.ASCII.GetString(_reader.ValueSpan)),
            JsonTokenType.True => new SettingValue(SettingValueKind.Boolean, place, "true"),
            JsonTokenType.False => new SettingValue(SettingValueKind.Boolean, place, "false"),
            _ => new SettingValue(SettingValueKind.Null, place),
        };
    }

    private readonly string Text(string path, SettingPlace place)
    {
        try
        {
            return _reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            _reading.Fail(place, path, "the text has an escape that is half a surrogate pair");
            return "\uFFFD";
        }
    }

    private SettingPlace PlaceOf(int position)
    {
        for (int end; (end = _text[_lineStart..position].IndexOf((byte)'\n')) >= 0; _line++)
            _lineStart += end + 1;
        return new SettingPlace(_file, _line, Characters(_text[_lineStart..position]) + 1);
    }

    private readonly int Column(int line, int bytes)
    {
        ReadOnlySpan<byte> rest = _text;
        for (; line > 1 && rest.IndexOf((byte)'\n') is var end && end >= 0; line--)
            rest = rest[(end + 1)..];
        return Characters(rest[..Math.Min(bytes, rest.Length)]) + 1;
    }

    private static int Characters(ReadOnlySpan<byte> text)
    {
        int count = 0;
        foreach (byte b in text)
            count += (b & 0xC0) == 0x80 ? 0 : 1;
        return count;
    }

    private readonly string Expected(JsonTokenType before, bool inArray)
    {
        const string Value = "a text in double quotes, a number, true, false, null, an object or a list";
        return "the file is no JSON here; expected " + (before switch
        {
            JsonTokenType.None => "an object: { and the settings",
            // The reader takes the colon with the name.
            JsonTokenType.PropertyName => Value,
            JsonTokenType.StartArray => $"{Value}, or ] for an empty list",
            JsonTokenType.StartObject => "a name in double quotes and a colon, or }",
            _ when _reader.CurrentDepth == 0 => "the end of the file",
            _ when inArray => $"a comma and {Value}, or ]",
            _ => "a comma, a name in double quotes and a colon, or }",
        });
    }
}
