namespace GpuCrypt.Host.Service.Configuration;

/// <summary>One reading of the settings: where each was said, and every problem found so far.</summary>
/// <param name="embeddedBroker">Whether the broker runs in the process, so that no address is needed.</param>
internal sealed class SettingsReading(bool embeddedBroker)
{
    /// <summary>The place of settings that were said nowhere, when there is no file.</summary>
    public static readonly SettingPlace Environment = new("environment");

    private const int MostShown = 50;

    private readonly Dictionary<string, SettingPlace> _places = new(StringComparer.Ordinal);
    private readonly HashSet<string> _failed = new(StringComparer.Ordinal);
    private readonly HashSet<(SettingPlace Place, string Path)> _reported = [];
    private readonly List<(SettingPlace Place, string Line)> _problems = [];

    /// <summary>Whether the broker runs in the process.</summary>
    public bool EmbeddedBroker { get; } = embeddedBroker;

    /// <summary>The problems, a line each: those of the file in its order, then those of the environment. Where there are very many, how many more follow.</summary>
    public IReadOnlyList<string> Problems
    {
        get
        {
            IEnumerable<string> lines = _problems.OrderBy(problem => problem.Place.Line == 0).ThenBy(problem => problem.Place.Line).ThenBy(problem => problem.Place.Column)
                .Select(problem => problem.Line);
            return _problems.Count <= MostShown ? [.. lines] : [.. lines.Take(MostShown), $"{_problems[0].Place.Origin}: {_problems.Count - MostShown} problems more; is this a settings file?"];
        }
    }

    /// <summary>Whether anything is wrong.</summary>
    public bool HasProblems => _problems.Count > 0;

    /// <summary>The dotted path of a setting, <c>topics[0].format</c>; names with other characters are quoted: <c>kafka.properties["security.protocol"]</c>.</summary>
    public static string Join(string path, string name)
    {
        if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
            return $"{path}[{SettingValue.Quote(name)}]";
        return path.Length == 0 ? name : $"{path}.{name}";
    }

    /// <summary>Remembers where a setting was said.</summary>
    public void Note(string path, SettingPlace place) => _places[path] = place;

    /// <summary>Where a setting was said; where that is nowhere, the place of what it is in.</summary>
    public SettingPlace PlaceOf(string path)
    {
        for (; path.Length > 0; path = path[..Math.Max(0, path.LastIndexOfAny(['.', '[']))])
        {
            if (_places.TryGetValue(path, out SettingPlace place))
                return place;
        }

        return _places.GetValueOrDefault("", Environment);
    }

    /// <summary>Whether a setting was said in so many words.</summary>
    public bool IsSet(string path) => _places.ContainsKey(path);

    /// <summary>Whether a setting has the value that was asked for, so that rules may judge it.</summary>
    public bool IsGood(string path) => !_failed.Contains(path);

    /// <summary>Reports a problem with a setting at the place where it was said.</summary>
    public void Fail(string path, string message) => Fail(PlaceOf(path), path, message);

    /// <summary>Reports a problem.</summary>
    /// <param name="place">Where.</param>
    /// <param name="path">The setting's dotted path; empty for the settings as a whole.</param>
    /// <param name="message">Expected, found, what to do; never a secret.</param>
    public void Fail(SettingPlace place, string path, string message)
    {
        _failed.Add(path);
        // The first problem is the cause; what follows from it at the same place says nothing more.
        if (_reported.Add((place, path)))
            _problems.Add((place, path.Length == 0 ? $"{place}: {message}" : $"{place}: {path}: {message}"));
    }

    /// <summary>Reports a value of another kind or range than the setting's.</summary>
    public void FailValue(SettingValue value, string path, string expected, bool withheld = false, string hint = "") =>
        Fail(value.Place, path, $"expected {expected}, found {value.Describe(withheld)}{hint}");
}
