using System.Text.Json;

namespace GpuCrypt.Host.Service.Configuration;

/// <summary>The settings of one record, and how an object becomes such a record.</summary>
/// <param name="pristine">The record with every default.</param>
/// <param name="settings">Its settings, in the order of the documentation.</param>
internal sealed class SettingGroup<T>(T pristine, IReadOnlyList<Setting<T>> settings)
{
    public IReadOnlyList<Setting<T>> Settings { get; } = settings;

    /// <summary>Reads an object, and reports every problem in it.</summary>
    public T Read(SettingsReading reading, string path, SettingValue value)
    {
        T record = pristine;
        var meant = new HashSet<string>(StringComparer.Ordinal);
        if (value.Kind != SettingValueKind.Object)
        {
            reading.FailValue(value, path, "an object");
            return record;
        }

        foreach ((string name, SettingPlace place, SettingValue member) in value.Members)
        {
            Setting<T>? setting = Settings.FirstOrDefault(candidate => candidate.Name == name);
            if (setting is null)
                reading.Fail(place, SettingsReading.Join(path, name), "unknown setting" + Suggest(path, name, meant));
            else
                record = setting.Read(reading, SettingsReading.Join(path, name), member, record);
        }

        foreach (Setting<T> setting in Settings)
        {
            // One that is there under a mistyped name is not missing as well.
            if (value.Find(setting.Name) is null && !meant.Contains(setting.Name))
                setting.Miss(reading, SettingsReading.Join(path, setting.Name), value.Place);
        }

        return record;
    }

    /// <summary>Writes a record as a JSON object.</summary>
    public void Write(Utf8JsonWriter writer, T record)
    {
        writer.WriteStartObject();
        foreach (Setting<T> setting in Settings)
            setting.Write(writer, record);
        writer.WriteEndObject();
    }

    private string Suggest(string path, string name, HashSet<string> meant)
    {
        if (NearestName.Find(name, Settings.Select(setting => setting.Name)) is { } nearest)
        {
            meant.Add(nearest);
            return $"; did you mean {SettingsReading.Join(path, nearest)}?";
        }

        // The right name in the wrong section.
        string[] elsewhere = [.. ServiceSettingsTable.Leaves.Select(leaf => leaf.Path).Where(leaf => leaf.EndsWith("." + name, StringComparison.OrdinalIgnoreCase))];
        return elsewhere.Length == 1
            ? $"; did you mean {elsewhere[0]}?"
            : $"; the settings here are {string.Join(", ", Settings.Select(setting => setting.Name))}";
    }
}

/// <summary>A section: a record in a record.</summary>
internal sealed class Section<TOwner, TSection>(string name, SettingGroup<TSection> group, Func<TOwner, TSection> get, Func<TOwner, TSection, TOwner> set, string meaning)
    : Setting<TOwner>(name, meaning)
{
    public override SettingShape Shape => SettingShape.Section;

    public override IReadOnlyList<Setting> Children => group.Settings;

    public override TOwner Read(SettingsReading reading, string path, SettingValue value, TOwner owner)
    {
        reading.Note(path, value.Place);
        return set(owner, group.Read(reading, path, value));
    }

    public override void Miss(SettingsReading reading, string path, SettingPlace place)
    {
        foreach (Setting<TSection> setting in group.Settings)
            setting.Miss(reading, SettingsReading.Join(path, setting.Name), place);
    }

    public override void Write(Utf8JsonWriter writer, TOwner owner)
    {
        writer.WritePropertyName(Name);
        group.Write(writer, get(owner));
    }
}

/// <summary>A list of sections, at least one.</summary>
internal sealed class SectionList<TOwner, TSection>(
    string name, SettingGroup<TSection> group, Func<TOwner, IReadOnlyList<TSection>> get, Func<TOwner, IReadOnlyList<TSection>, TOwner> set, string meaning)
    : Setting<TOwner>(name, meaning)
{
    private const string Expected = "a list of at least one object";

    public override SettingShape Shape => SettingShape.Sections;

    public override IReadOnlyList<Setting> Children => group.Settings;

    public override TOwner Read(SettingsReading reading, string path, SettingValue value, TOwner owner)
    {
        reading.Note(path, value.Place);
        if (value.Kind != SettingValueKind.Array)
        {
            reading.FailValue(value, path, Expected);
            return owner;
        }

        if (value.Items.Count == 0)
            reading.Fail(value.Place, path, $"expected {Expected}, found none");
        List<TSection> sections = [];
        foreach (SettingValue item in value.Items)
        {
            string itemPath = $"{path}[{sections.Count}]";
            reading.Note(itemPath, item.Place);
            sections.Add(group.Read(reading, itemPath, item));
        }

        return set(owner, sections);
    }

    public override void Miss(SettingsReading reading, string path, SettingPlace place) =>
        reading.Fail(place, path, $"missing; expected {Expected}, here or in {SettingsEnvironment.VariableOf($"{path}[0].{group.Settings[0].Name}")} and so on");

    public override void Write(Utf8JsonWriter writer, TOwner owner)
    {
        writer.WriteStartArray(Name);
        foreach (TSection section in get(owner))
            group.Write(writer, section);
        writer.WriteEndArray();
    }
}
