using System.Text.Json;

namespace GpuCrypt.Host.Service.Configuration;

/// <summary>A setting, or a section of settings, as help, documentation and environment see it.</summary>
internal abstract class Setting(string name, string meaning)
{
    /// <summary>The name in its section.</summary>
    public string Name { get; } = name;

    /// <summary>What it is for, in a sentence or two.</summary>
    public string Meaning { get; } = meaning;

    /// <summary>What it is made of.</summary>
    public abstract SettingShape Shape { get; }

    /// <summary>The settings of a section.</summary>
    public virtual IReadOnlyList<Setting> Children => [];

    /// <summary>The values it takes, in words.</summary>
    public virtual string Description => "";

    /// <summary>Its value where none is given, in words.</summary>
    public virtual string Default => "";

    /// <summary>Whether a value has to be given, as a rule; <see cref="Default"/> then says when.</summary>
    public virtual bool IsRequired => false;
}

/// <summary>A setting or section of a record; immutable.</summary>
/// <typeparam name="TOwner">The record it is a part of.</typeparam>
internal abstract class Setting<TOwner>(string name, string meaning) : Setting(name, meaning)
{
    /// <summary>Puts a value into the record, or reports what is wrong with it.</summary>
    public abstract TOwner Read(SettingsReading reading, string path, SettingValue value, TOwner owner);

    /// <summary>Takes note that nothing was said about the setting, and reports it when something has to be.</summary>
    /// <param name="reading">The reading.</param>
    /// <param name="path">The setting's path.</param>
    /// <param name="place">The place of what it is in.</param>
    public abstract void Miss(SettingsReading reading, string path, SettingPlace place);

    /// <summary>Writes the record's value as JSON, with its name.</summary>
    public abstract void Write(Utf8JsonWriter writer, TOwner owner);
}

/// <summary>A setting with a value.</summary>
/// <param name="name">Its name.</param>
/// <param name="type">The values it takes.</param>
/// <param name="get">Takes the value from the record.</param>
/// <param name="set">Makes a record with another value.</param>
/// <param name="pristine">A record nobody has touched: its values are the defaults.</param>
/// <param name="need">Whether a value has to be given; the default then says nothing.</param>
/// <param name="meaning">What it is for.</param>
internal sealed class Setting<TOwner, TValue>(
    string name, SettingType<TValue> type, Func<TOwner, TValue> get, Func<TOwner, TValue, TOwner> set, TOwner pristine, SettingNeed need, string meaning)
    : Setting<TOwner>(name, meaning)
{
    public override SettingShape Shape => type.Shape;

    public override string Description => type.Description;

    public override string Default => need switch
    {
        SettingNeed.None => type.Show(get(pristine)),
        SettingNeed.UnlessEmbedded => "required, except with --embedded-broker",
        _ => "required",
    };

    public override bool IsRequired => need != SettingNeed.None;

    public override TOwner Read(SettingsReading reading, string path, SettingValue value, TOwner owner)
    {
        reading.Note(path, value.Place);
        return type.TryRead(reading, path, value, out TValue result) ? set(owner, result) : owner;
    }

    public override void Miss(SettingsReading reading, string path, SettingPlace place)
    {
        if (need == SettingNeed.Always || (need == SettingNeed.UnlessEmbedded && !reading.EmbeddedBroker))
            reading.Fail(place, path, $"missing; expected {Description}, here or in {SettingsEnvironment.VariableOf(path)}");
    }

    public override void Write(Utf8JsonWriter writer, TOwner owner)
    {
        writer.WritePropertyName(Name);
        type.Write(writer, get(owner));
    }
}

/// <summary>Whether a setting has to be given.</summary>
internal enum SettingNeed
{
    None,
    Always,
    UnlessEmbedded,
}
