using System.Text.Json;

namespace GpuCrypt.Host.Service.Configuration;

/// <summary>What values a setting takes, how they are read, and how they are shown. One instance serves a setting; immutable.</summary>
internal abstract class SettingType<T>
{
    /// <summary>The values in words, for help and errors: <c>a whole number from 3 to 1024</c>.</summary>
    public abstract string Description { get; }

    /// <summary>How the environment names what is in the setting, if it is no single value.</summary>
    public virtual SettingShape Shape => SettingShape.Value;

    /// <summary>Reads a value, and reports what is wrong with it.</summary>
    /// <returns>False when a problem was reported.</returns>
    public abstract bool TryRead(SettingsReading reading, string path, SettingValue value, out T result);

    /// <summary>A value as help and the documentation show it.</summary>
    public abstract string Show(T value);

    /// <summary>Writes a value as JSON that reads back as the same value, secrets redacted.</summary>
    public abstract void Write(Utf8JsonWriter writer, T value);
}

/// <summary>A type of single values.</summary>
internal abstract class ScalarType<T> : SettingType<T>
{
    /// <summary>Whether a value that was put there by mistake may be a secret, so that errors must not show it.</summary>
    public virtual bool IsWithheld => false;

    public sealed override bool TryRead(SettingsReading reading, string path, SettingValue value, out T result)
    {
        if (TryParse(value, out result))
            return true;
        string? hint = IsWithheld ? null : Hint(value);
        reading.FailValue(value, path, Description, IsWithheld, hint is null ? "" : $"; did you mean {hint}?");
        return false;
    }

    /// <summary>Reads a value.</summary>
    /// <returns>False when it is not one of this type's.</returns>
    protected abstract bool TryParse(SettingValue value, out T result);

    /// <summary>What a wrong value was probably meant to be, or null.</summary>
    protected virtual string? Hint(SettingValue value) => null;
}
