using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace GpuCrypt.Ingest.Formats;

/// <summary>A text inside a message. Holds its place only; <c>default</c> is an absent field.</summary>
public readonly struct TextField
{
    private const int StackSize = 512;

    private readonly TextRange _range;
    private readonly bool _escaped;

    internal TextField(TextRange range, bool escaped)
    {
        _range = range;
        _escaped = escaped;
        IsPresent = true;
    }

    /// <summary>Whether the message has the field.</summary>
    public bool IsPresent { get; }

    /// <summary>The scratch that <see cref="Read"/> needs, in bytes: 0 unless the text has escapes.</summary>
    public int ScratchSize => _escaped ? _range.Length : 0;

    /// <summary>The text in UTF-8, without quotes and escapes; empty for an absent field.</summary>
    /// <param name="message">The message that was scanned.</param>
    /// <param name="scratch">At least <see cref="ScratchSize"/> bytes, which the result may lie in.</param>
    public ReadOnlySpan<byte> Read(ReadOnlySpan<byte> message, Span<byte> scratch)
    {
        ReadOnlySpan<byte> text = message.Slice(_range.Start, _range.Length);
        if (!_escaped)
            return text;
        var reader = new Utf8JsonReader(message.Slice(_range.Start - 1, _range.Length + 2));
        reader.Read();
        return scratch[..reader.CopyString(scratch)];
    }

    /// <summary>The text as a string; null for an absent field.</summary>
    public string? ReadString(ReadOnlySpan<byte> message) =>
        IsPresent ? Encoding.UTF8.GetString(Read(message, new byte[ScratchSize])) : null;

    /// <summary>Makes a field of the string token that a reader stands on, when it is valid Unicode.</summary>
    internal static bool TryCreate(ref Utf8JsonReader reader, out TextField field)
    {
        field = new TextField(new TextRange((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length), reader.ValueIsEscaped);
        if (!Utf8.IsValid(reader.ValueSpan))
            return false;
        if (!reader.ValueIsEscaped)
            return true;
        try
        {
            // Escapes may spell half a surrogate pair.
            scoped Span<byte> scratch = field.ScratchSize <= StackSize ? stackalloc byte[StackSize] : new byte[field.ScratchSize];
            _ = reader.CopyString(scratch);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
