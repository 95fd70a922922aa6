namespace GpuCrypt.Ingest.Formats;

/// <summary>
/// The dictionary in a .npy header: a Python literal with the keys <c>descr</c>, <c>fortran_order</c> and <c>shape</c>, once each, in any order. Nothing
/// else of Python is understood.
/// </summary>
internal ref struct NpyHeaderParser
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly int _textStart;
    private int _at;
    private string? _error;

    /// <summary>Creates a parser.</summary>
    /// <param name="text">The header after its length field.</param>
    /// <param name="textStart">Where in the array it starts.</param>
    public NpyHeaderParser(ReadOnlySpan<byte> text, int textStart)
    {
        _text = text;
        _textStart = textStart;
    }

    /// <summary>Reads the dictionary.</summary>
    /// <param name="size">The size of the whole header.</param>
    /// <param name="header">What it says.</param>
    /// <param name="rejection">What is wrong and where.</param>
    public bool TryParse(int size, out NpyHeader header, out Rejection rejection)
    {
        header = default;
        if (!TryParseDictionary(ref header))
        {
            rejection = new Rejection(RejectReason.BadNpy, _error ?? "the .npy header is not a dictionary of descr, fortran_order and shape") { Offset = _textStart + _at };
            return false;
        }

        header = header with { Size = size };
        if (header.Rows > 0 && header.RowSize > long.MaxValue / header.Rows)
        {
            rejection = new Rejection(RejectReason.BadNpy, "the .npy shape is larger than any array");
            return false;
        }

        rejection = default;
        return true;
    }

    private bool TryParseDictionary(ref NpyHeader header)
    {
        bool hasType = false, hasOrder = false, hasShape = false;
        if (!TryTake('{'))
            return false;
        while (!TryTake('}'))
        {
            if (!TryString(out ReadOnlySpan<byte> key) || !TryTake(':'))
                return false;
            bool once;
            if (key.SequenceEqual("descr"u8))
            {
                once = !hasType;
                hasType = true;
                if (!TryType(ref header))
                    return false;
            }
            else if (key.SequenceEqual("fortran_order"u8))
            {
                once = !hasOrder;
                hasOrder = true;
                if (!TryOrder(ref header))
                    return false;
            }
            else if (key.SequenceEqual("shape"u8))
            {
                once = !hasShape;
                hasShape = true;
                if (!TryShape(ref header))
                    return false;
            }
            else
            {
                return Fail("the .npy header has an unknown key");
            }

            if (!once)
                return Fail("the .npy header has a key twice");
            if (!TryTake(',') && !IsNext('}'))
                return false;
        }

        if (!hasType || !hasOrder || !hasShape)
            return Fail("the .npy header lacks one of descr, fortran_order and shape");
        SkipSpace();
        if (header.OneDimensional)
            header = header with { FortranOrder = false };
        return _at == _text.Length;
    }

    private bool TryType(ref NpyHeader header)
    {
        if (!TryString(out ReadOnlySpan<byte> text) || text.Length != 3 || text[0] is not ((byte)'<' or (byte)'>') || text[1] != (byte)'f')
            return Fail("the .npy element type is none of <f2, <f4, <f8, >f2, >f4 and >f8");
        FloatType? type = text[2] switch
        {
            (byte)'2' => FloatType.Float16,
            (byte)'4' => FloatType.Float32,
            (byte)'8' => FloatType.Float64,
            _ => null,
        };
        if (type is null)
            return Fail("the .npy element type is none of <f2, <f4, <f8, >f2, >f4 and >f8");
        header = header with { Type = type.Value, BigEndian = text[0] == (byte)'>' };
        return true;
    }

    private bool TryOrder(ref NpyHeader header)
    {
        bool fortran = TryWord("True"u8);
        if (!fortran && !TryWord("False"u8))
            return Fail("fortran_order in the .npy header is neither True nor False");
        header = header with { FortranOrder = fortran };
        return true;
    }

    private bool TryShape(ref NpyHeader header)
    {
        long first = 0, second = 0;
        int dimensions = 0;
        bool comma = true;
        if (!TryTake('('))
            return Fail("shape in the .npy header is not a tuple");
        while (!TryTake(')'))
        {
            if (!comma || !TryNumber(out long number))
                return Fail("shape in the .npy header is not a tuple of non-negative integers");
            if (dimensions == 0)
                first = number;
            else
                second = number;
            if (++dimensions > 2)
                return Fail("the array has more than two dimensions");
            comma = TryTake(',');
        }

        if (dimensions == 0)
            return Fail("the array has no dimension");
        if (dimensions == 1 && !comma)
            return Fail("shape in the .npy header is not a tuple");
        long dimension = dimensions == 1 ? first : second;
        if (dimension > Array.MaxLength)
            return Fail("the .npy shape is larger than any vector");
        header = header with { OneDimensional = dimensions == 1, Rows = dimensions == 1 ? 1 : first, Dimension = (int)dimension };
        return true;
    }

    private bool TryString(out ReadOnlySpan<byte> text)
    {
        SkipSpace();
        text = default;
        if (_at == _text.Length || _text[_at] is not ((byte)'\'' or (byte)'"'))
            return false;
        int length = _text[(_at + 1)..].IndexOf(_text[_at]);
        if (length < 0)
            return false;
        text = _text.Slice(_at + 1, length);
        _at += length + 2;
        return true;
    }

    private bool TryNumber(out long number)
    {
        SkipSpace();
        number = 0;
        int start = _at;
        for (; _at < _text.Length && char.IsAsciiDigit((char)_text[_at]); _at++)
        {
            int digit = _text[_at] - '0';
            if (number > (long.MaxValue - digit) / 10)
                return false;
            number = (number * 10) + digit;
        }

        bool any = _at > start;
        // Python 2 wrote long integers so.
        if (any && _at < _text.Length && _text[_at] == (byte)'L')
            _at++;
        return any;
    }

    private bool TryWord(ReadOnlySpan<byte> word)
    {
        SkipSpace();
        if (!_text[_at..].StartsWith(word))
            return false;
        _at += word.Length;
        return true;
    }

    private bool TryTake(char mark)
    {
        bool next = IsNext(mark);
        if (next)
            _at++;
        return next;
    }

    private bool IsNext(char mark)
    {
        SkipSpace();
        return _at < _text.Length && _text[_at] == mark;
    }

    private void SkipSpace()
    {
        while (_at < _text.Length && (_text[_at] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r'))
            _at++;
    }

    private bool Fail(string what)
    {
        _error = what;
        return false;
    }
}
