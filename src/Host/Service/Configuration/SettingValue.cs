using System.Text;

namespace GpuCrypt.Host.Service.Configuration;

/// <summary>What kind of value a setting was given.</summary>
internal enum SettingValueKind
{
    Object,
    Array,
    Text,
    Number,
    Boolean,
    Null,

    /// <summary>The value of an environment variable: text that stands for whatever kind the setting has.</summary>
    Variable,
}

/// <summary>A value as it was written, with its place, before anything is known about its meaning.</summary>
internal sealed class SettingValue(SettingValueKind kind, SettingPlace place, string text = "")
{
    private const int ShownLength = 60;

    private readonly List<SettingMember> _members = [];
    private readonly Dictionary<string, int> _positions = new(StringComparer.Ordinal);

    public SettingValueKind Kind { get; } = kind;

    public SettingPlace Place { get; } = place;

    /// <summary>The content of a text or variable, the digits of a number, <c>true</c> or <c>false</c>.</summary>
    public string Text { get; } = text;

    /// <summary>An object's members, in order, each name once.</summary>
    public IReadOnlyList<SettingMember> Members => _members;

    /// <summary>An array's items.</summary>
    public List<SettingValue> Items { get; } = [];

    /// <summary>The member of a name, or null.</summary>
    public SettingValue? Find(string name) => _positions.TryGetValue(name, out int position) ? _members[position].Value : null;

    /// <summary>Adds a member, or puts it in the place of the one of that name.</summary>
    public void Put(SettingMember member)
    {
        if (_positions.TryAdd(member.Name, _members.Count))
            _members.Add(member);
        else
            _members[_positions[member.Name]] = member;
    }

    /// <summary>What was found, for an error.</summary>
    /// <param name="withheld">Whether the value may be a secret, so that only its kind is named.</param>
    public string Describe(bool withheld) => Kind switch
    {
        SettingValueKind.Object => "an object",
        SettingValueKind.Array => "an array",
        SettingValueKind.Null => "null",
        SettingValueKind.Text or SettingValueKind.Variable when Text.Length == 0 => "empty text",
        SettingValueKind.Text or SettingValueKind.Variable => withheld ? "a text that is not shown here" : Quote(Text),
        SettingValueKind.Number => withheld ? "a number that is not shown here" : Shorten(Text),
        _ => Text,
    };

    /// <summary>A text in double quotes on one line, its middle left out when it is long.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char c in Shorten(text))
            quoted.Append(char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' ? $"\\u{(int)c:x4}" : c.ToString());
        return quoted.Append('"').ToString();
    }

    private static string Shorten(string text) => text.Length <= ShownLength ? text : $"{text[..(ShownLength - 15)]}…{text[^14..]}";
}

/// <summary>A member of an object: its name, the place of the name, and its value.</summary>
internal readonly record struct SettingMember(string Name, SettingPlace Place, SettingValue Value);
