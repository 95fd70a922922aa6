using System.Globalization;
using System.Text.RegularExpressions;

namespace GpuCrypt.Host.Service.Configuration;

/// <summary>
/// Settings from environment variables, which come before the file's: <c>GPUCRYPT_</c>, then the setting's path in any case, two
/// underscores for a level, lists by index: <c>GPUCRYPT_TOPICS__0__SOURCE</c>. In the name of a Kafka property one underscore is a dot.
/// </summary>
internal static partial class SettingsEnvironment
{
    /// <summary>What the name of every variable of the program begins with.</summary>
    public const string Prefix = "GPUCRYPT_";

    private const string Separator = "__";

    private const string KeyringVariable = Prefix + "KEYRING";

    /// <summary>The program's variables that are no settings of the service.</summary>
    public static IReadOnlyList<(string Name, string Meaning)> ProgramVariables { get; } =
    [
        (KeyringVariable, "The keyring of every command; here for keyring.file where that is not given."),
        (Prefix + "DEBUG", "1 shows stack traces with errors."),
    ];

    /// <summary>The variable of a setting: <c>GPUCRYPT_TOPICS__0__SOURCE</c> for <c>topics[0].source</c>.</summary>
    public static string VariableOf(string path) =>
        Prefix + path.Replace("].", Separator, StringComparison.Ordinal).Replace("[", Separator, StringComparison.Ordinal)
            .Replace("]", "", StringComparison.Ordinal).Replace(".", Separator, StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>Puts the environment's settings over the file's, and reports variables that are none.</summary>
    /// <param name="root">The file's settings, or an empty object.</param>
    /// <param name="environment">All environment variables.</param>
    /// <param name="reading">Takes the problems.</param>
    public static void Apply(SettingValue root, IReadOnlyDictionary<string, string> environment, SettingsReading reading)
    {
        var resolved = new List<(Step[] Steps, string Name)>();
        foreach (string name in environment.Keys.Where(name => name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal))
        {
            if (!IsForOthers(name, root, environment) && Resolve(name, reading) is { } steps)
                resolved.Add((steps, name));
        }

        // Items of a list are added in order of their indexes.
        resolved.Sort((a, b) => Compare(a.Steps, b.Steps));
        for (int i = 0; i < resolved.Count; i++)
        {
            (Step[] steps, string name) = resolved[i];
            if (i > 0 && Compare(resolved[i - 1].Steps, steps) == 0)
                reading.Fail(new SettingPlace(name), PathOf(steps), $"expected the setting once, found it in {resolved[i - 1].Name} too");
            else
                Put(root, steps, new SettingValue(SettingValueKind.Variable, new SettingPlace(name), environment[name]), reading);
        }

        if (environment.TryGetValue(KeyringVariable, out string? keyring) && keyring.Length > 0 && (root.Find("keyring")?.Find("file")) is null)
            Put(root, [new("keyring"), new("file")], new SettingValue(SettingValueKind.Variable, new SettingPlace(KeyringVariable), keyring), reading);
    }

    /// <summary>Whether a variable has another purpose: the program's own, a secret that the settings name, or what Kubernetes sets for a service called gpucrypt.</summary>
    private static bool IsForOthers(string name, SettingValue root, IReadOnlyDictionary<string, string> environment)
    {
        if (ProgramVariables.Any(variable => variable.Name == name) || ServiceLink().IsMatch(name))
            return true;
        foreach (string setting in (ReadOnlySpan<string>)["passphraseEnv", "kekEnv"])
        {
            string variable = VariableOf($"keyring.{setting}");
            string? named = environment.FirstOrDefault(pair => pair.Key.Equals(variable, StringComparison.OrdinalIgnoreCase)).Value
                ?? root.Find("keyring")?.Find(setting)?.Text;
            if (named == name)
                return true;
        }

        return false;
    }

    private static Step[]? Resolve(string name, SettingsReading reading)
    {
        string[] words = name[Prefix.Length..].Split(Separator);
        var steps = new List<Step>();
        IReadOnlyList<Setting> settings = ServiceSettingsTable.Root.Settings;
        var shape = SettingShape.Section;
        foreach (string word in words)
        {
            if (shape is SettingShape.Sections or SettingShape.Texts)
            {
                if (!int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int index))
                    return Unknown(name, reading);
                steps.Add(new Step(index));
                shape = shape == SettingShape.Sections ? SettingShape.Section : SettingShape.Value;
            }
            else if (shape == SettingShape.Properties && word.Length > 0)
            {
                steps.Add(new Step(word.ToLowerInvariant().Replace('_', '.')));
                shape = SettingShape.Value;
            }
            else if (shape == SettingShape.Section && settings.FirstOrDefault(candidate => candidate.Name.Equals(word, StringComparison.OrdinalIgnoreCase)) is { } setting)
            {
                steps.Add(new Step(setting.Name));
                settings = setting.Children;
                shape = setting.Shape;
            }
            else
            {
                return Unknown(name, reading);
            }
        }

        if (shape == SettingShape.Value)
            return [.. steps];
        string next = shape switch
        {
            SettingShape.Section => settings[0].Name,
            SettingShape.Properties => "SECURITY_PROTOCOL",
            SettingShape.Sections => $"0{Separator}{settings[0].Name}",
            _ => "0",
        };
        reading.Fail(new SettingPlace(name), PathOf([.. steps]),
            $"expected a variable for each setting in it, such as {name.ToUpperInvariant()}{Separator}{next.ToUpperInvariant()}, found one for all");
        return null;
    }

    private static Step[]? Unknown(string name, SettingsReading reading)
    {
        // A level marked by one underscore instead of two is the likeliest slip, so underscores do not count.
        static string Bare(string variable) => variable.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();
        Dictionary<string, string> known = [];
        string index = name.FirstOrDefault(char.IsAsciiDigit, '0').ToString();
        foreach ((string path, Setting setting) in ServiceSettingsTable.Leaves)
        {
            string full = path.Replace("[]", $"[{index}]", StringComparison.Ordinal) + (setting.Shape == SettingShape.Texts ? "[0]" : "");
            known.TryAdd(Bare(VariableOf(full)), VariableOf(full));
        }

        foreach ((string variable, _) in ProgramVariables)
            known.TryAdd(Bare(variable), variable);
        string bare = Bare(name);
        string? nearest = NearestName.Find(bare[Bare(Prefix).Length..], known.Keys.Select(key => key[Bare(Prefix).Length..]));
        string hint = nearest is null ? "see 'gpucrypt serve --help' for those that there are" : $"did you mean {known[Bare(Prefix) + nearest]}?";
        reading.Fail(new SettingPlace(name), "", $"unknown setting; {hint}");
        return null;
    }

    private static void Put(SettingValue root, Step[] steps, SettingValue value, SettingsReading reading)
    {
        SettingValue at = root;
        for (int i = 0; i < steps.Length; i++)
        {
            Step step = steps[i];
            // What the file has there is no object or list: that is reported as the file's problem.
            if (at.Kind != (step.Name is null ? SettingValueKind.Array : SettingValueKind.Object))
                return;
            if (step.Name is null && step.Index > at.Items.Count)
            {
                reading.Fail(value.Place, PathOf(steps), $"expected an index from 0 to {at.Items.Count}, the next of the list, found {step.Index}");
                return;
            }

            SettingValue? next = step.Name is null ? at.Items.ElementAtOrDefault(step.Index) : at.Find(step.Name);
            if (i == steps.Length - 1 || next is null)
            {
                next = i == steps.Length - 1 ? value : new SettingValue(steps[i + 1].Name is null ? SettingValueKind.Array : SettingValueKind.Object, value.Place);
                if (step.Name is not null)
                    at.Put(new SettingMember(step.Name, value.Place, next));
                else if (step.Index == at.Items.Count)
                    at.Items.Add(next);
                else
                    at.Items[step.Index] = next;
            }

            at = next;
        }
    }

    private static string PathOf(Step[] steps)
    {
        string path = "";
        foreach (Step step in steps)
            path = step.Name is null ? $"{path}[{step.Index}]" : SettingsReading.Join(path, step.Name);
        return path;
    }

    private static int Compare(Step[] a, Step[] b)
    {
        for (int i = 0; i < Math.Min(a.Length, b.Length); i++)
        {
            int order = a[i].Index.CompareTo(b[i].Index);
            if (order == 0)
                order = string.CompareOrdinal(a[i].Name, b[i].Name);
            if (order != 0)
                return order;
        }

        return a.Length.CompareTo(b.Length);
    }

    [GeneratedRegex("^GPUCRYPT_([A-Z0-9]+_)*(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9]+)*|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(ADDR|PORT|PROTO))?)?)$")]
    private static partial Regex ServiceLink();

    /// <summary>One level of a path: a name, or, where that is null, an index.</summary>
    private readonly record struct Step(string? Name, int Index)
    {
        public Step(string name)
            : this(name, 0)
        {
        }

        public Step(int index)
            : this(null, index)
        {
        }
    }
}
