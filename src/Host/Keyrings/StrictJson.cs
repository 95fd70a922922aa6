using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace GpuCrypt.Host.Keyrings;

/// <summary>
/// Reads JSON that has to be exactly as described: no unknown field, none twice, no other type. Every error names file, line, column and
/// JSON path, and says what was expected, never what was there: a slip of the hand may have put a secret anywhere. Values are read
/// straight from the bytes, so that a secret never becomes a string.
/// </summary>
internal ref struct StrictJson
{
    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    private readonly string _file;
    private readonly int _firstLine;
    private readonly ReadOnlySpan<byte> _text;
    private Utf8JsonReader _reader;

    /// <summary>Starts to read a whole text.</summary>
    /// <param name="text">The text, UTF-8.</param>
    /// <param name="file">The file's name for errors.</param>
    /// <param name="firstLine">The number of the text's first line in the file.</param>
    /// <exception cref="KeyringException">The text is not UTF-8.</exception>
    public StrictJson(ReadOnlySpan<byte> text, string file, int firstLine = 1)
    {
        _file = file;
        _firstLine = firstLine;
        _text = text;
        _reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = 16 });
        if (!Utf8.IsValid(text))
            throw Error(FirstInvalidByte(text), "", "the text is not UTF-8");
    }

    /// <summary>The kind of value the reader stands on.</summary>
    public readonly JsonTokenType Kind => _reader.TokenType;

    /// <summary>The place of the value the reader stands on, for <see cref="Error(long, string, string)"/>.</summary>
    public readonly long Place => _reader.TokenStartIndex;

    /// <summary>Moves to the next token.</summary>
    /// <param name="path">The JSON path of what is being read.</param>
    /// <exception cref="KeyringException">The text is not JSON there, or ends.</exception>
    public void Read(string path)
    {
        try
        {
            if (_reader.Read())
                return;
        }
        catch (JsonException exception)
        {
            throw Broken(exception, path);
        }

        throw Error(_text.Length, path, "the text ends too early");
    }

    /// <summary>Checks that nothing follows.</summary>
    public void End()
    {
        try
        {
            if (!_reader.Read())
                return;
        }
        catch (JsonException exception)
        {
            throw Broken(exception, "");
        }

        throw Error(Place, "", "there is more text behind the end of the object");
    }

    /// <summary>Checks that the reader stands on the start of an object.</summary>
    public readonly void ExpectObject(string path) => Expect(JsonTokenType.StartObject, path, "an object");

    /// <summary>Checks that the reader stands on the start of an array.</summary>
    public readonly void ExpectArray(string path) => Expect(JsonTokenType.StartArray, path, "an array");

    /// <summary>Moves to the value of the object's next field.</summary>
    /// <param name="path">The object's JSON path.</param>
    /// <param name="known">The names of the fields it may have, at most 32.</param>
    /// <param name="seen">One bit a field that was there; 0 at first.</param>
    /// <param name="field">The field's index in <paramref name="known"/>.</param>
    /// <returns>False at the end of the object.</returns>
    /// <exception cref="KeyringException">A field is unknown or there twice.</exception>
    public bool NextField(string path, ReadOnlySpan<string> known, ref uint seen, out int field)
    {
        Read(path);
        field = -1;
        if (_reader.TokenType == JsonTokenType.EndObject)
            return false;
        for (int i = 0; i < known.Length; i++)
        {
            if (TextEquals(known[i]))
                field = i;
        }

        if (field < 0)
            throw Error(Place, path, $"unknown field{Shown()}; the fields here are {string.Join(", ", known)}");
        if ((seen & (1u << field)) != 0)
            throw Error(Place, Join(path, known[field]), "the field is there twice");
        seen |= 1u << field;
        Read(Join(path, known[field]));
        return true;
    }

    /// <summary>Moves to the value of the next member of an object whose names are data.</summary>
    /// <param name="path">The object's JSON path.</param>
    /// <param name="name">The member's name.</param>
    /// <param name="place">The place of the name.</param>
    /// <returns>False at the end of the object.</returns>
    /// <exception cref="KeyringException">The name is not 1 to 64 letters, digits, '.', '_', '-' or '/'.</exception>
    public bool NextName(string path, out string name, out long place)
    {
        Read(path);
        place = Place;
        name = "";
        if (_reader.TokenType == JsonTokenType.EndObject)
            return false;
        if (_reader.ValueIsEscaped || !SecretPath.IsName(_reader.ValueSpan))
            throw Error(Place, path, $"a name here is {SecretPath.NameRule}");
        name = Encoding.ASCII.GetString(_reader.ValueSpan);
        Read(Join(path, name));
        return true;
    }

    /// <summary>Checks that the fields of <paramref name="required"/> were there.</summary>
    /// <param name="start">The place of the object.</param>
    /// <param name="path">The object's JSON path.</param>
    /// <param name="known">The names of the fields.</param>
    /// <param name="seen">One bit a field that was there.</param>
    /// <param name="required">One bit a field that has to be.</param>
    public readonly void Require(long start, string path, ReadOnlySpan<string> known, uint seen, uint required)
    {
        for (int i = 0; i < known.Length; i++)
        {
            if ((required & ~seen & (1u << i)) != 0)
                throw Error(start, Join(path, known[i]), "the field is missing");
        }
    }

    /// <summary>The bytes of a string, as they stand in the file. They must need no escapes.</summary>
    public readonly ReadOnlySpan<byte> PlainText(string path)
    {
        Expect(JsonTokenType.String, path, "a string");
        if (_reader.ValueIsEscaped)
            throw Error(Place, path, "the string must not have escapes (\\)");
        return _reader.ValueSpan;
    }

    /// <summary>A string that is no secret.</summary>
    public readonly string Text(string path)
    {
        Expect(JsonTokenType.String, path, "a string");
        try
        {
            return _reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Error(Place, path, "the string has an escape that is half a surrogate pair");
        }
    }

    /// <summary>An integer from <paramref name="minimum"/> to <paramref name="maximum"/>.</summary>
    public readonly long Integer(string path, long minimum, long maximum)
    {
        Expect(JsonTokenType.Number, path, "a number");
        if (!_reader.TryGetInt64(out long value) || value < minimum || value > maximum)
            throw Error(Place, path, $"expected a whole number from {minimum} to {maximum}");
        return value;
    }

    /// <summary>A float32 that is finite and at least 0, not −0.</summary>
    public readonly float NonNegativeSingle(string path)
    {
        Expect(JsonTokenType.Number, path, "a number");
        if (!_reader.TryGetSingle(out float value) || !float.IsFinite(value) || float.IsNegative(value))
            throw Error(Place, path, "expected a number from 0 to 3.4e38");
        return value;
    }

    /// <summary>True or false.</summary>
    public readonly bool Boolean(string path)
    {
        if (_reader.TokenType is not (JsonTokenType.True or JsonTokenType.False))
            throw Error(Place, path, $"expected true or false, found {Name(_reader.TokenType)}");
        return _reader.TokenType == JsonTokenType.True;
    }

    /// <summary>A time as ISO 8601 writes it.</summary>
    public readonly DateTimeOffset Time(string path)
    {
        Expect(JsonTokenType.String, path, "a string");
        if (!_reader.TryGetDateTimeOffset(out DateTimeOffset value))
            throw Error(Place, path, "expected a time such as 2026-01-31T12:00:00Z");
        return value;
    }

    /// <summary>Checks that the string the reader stands on is <paramref name="expected"/>.</summary>
    public readonly void ExpectText(string path, string expected)
    {
        Expect(JsonTokenType.String, path, "a string");
        if (!TextEquals(expected))
            throw Error(Place, path, $"expected \"{expected}\"");
    }

    /// <summary>An error at a place.</summary>
    /// <param name="place">The offset in bytes.</param>
    /// <param name="path">The JSON path; empty for the whole text.</param>
    /// <param name="message">What is wrong.</param>
    public readonly KeyringException Error(long place, string path, string message)
    {
        ReadOnlySpan<byte> before = _text[..(int)Math.Clamp(place, 0, _text.Length)];
        int line = _firstLine + before.Count((byte)'\n');
        int column = 1;
        foreach (byte b in before[(before.LastIndexOf((byte)'\n') + 1)..])
            column += (b & 0xC0) == 0x80 ? 0 : 1;
        return new KeyringException($"{_file}:{line}:{column}{(path.Length == 0 ? "" : " " + path)}: {message}");
    }

    /// <summary>The JSON path of a field.</summary>
    public static string Join(string path, string name)
    {
        if (!name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
            return $"{path}[\"{name}\"]";
        return path.Length == 0 ? name : $"{path}.{name}";
    }

    private static string Name(JsonTokenType kind) => kind switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.EndArray => "the end of the array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "true or false",
        JsonTokenType.Null => "null",
        _ => "something else",
    };

    private static long FirstInvalidByte(ReadOnlySpan<byte> text)
    {
        int at = 0;
        while (at < text.Length && Rune.DecodeFromUtf8(text[at..], out _, out int length) == OperationStatus.Done)
            at += length;
        return at;
    }

    private readonly void Expect(JsonTokenType kind, string path, string what)
    {
        if (_reader.TokenType != kind)
            throw Error(Place, path, $"expected {what}, found {Name(_reader.TokenType)}");
    }

    private readonly bool TextEquals(string expected)
    {
        try
        {
            return _reader.ValueTextEquals(expected);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    // A short word is a misspelt field and worth showing; anything longer could be a secret in the wrong place.
    private readonly string Shown() =>
        !_reader.ValueIsEscaped && _reader.ValueSpan.Length is > 0 and <= 24 && SecretPath.IsName(_reader.ValueSpan)
            && _reader.ValueSpan.IndexOfAnyExcept(HexDigits) >= 0
            ? $" '{Encoding.ASCII.GetString(_reader.ValueSpan)}'"
            : "";

    // The library's message would quote the text.
    private readonly KeyringException Broken(JsonException exception, string path)
    {
        long line = exception.LineNumber ?? 0;
        long place = 0;
        for (; line > 0; line--)
            place += _text[(int)place..].IndexOf((byte)'\n') + 1;
        place += exception.BytePositionInLine ?? 0;
        return Error(place, path, place >= _text.Length ? "the text ends too early" : "not valid JSON here: look for a missing quote, comma or bracket");
    }
}
