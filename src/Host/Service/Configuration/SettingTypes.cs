using System.Globalization;
using System.Text.Json;

namespace GpuCrypt.Host.Service.Configuration;

/// <summary>Whole numbers in a range.</summary>
internal sealed class WholeNumberType(int minimum, int maximum) : ScalarType<int>
{
    public override string Description => $"a whole number from {minimum} to {maximum}";

    public override string Show(int value) => value.ToString(CultureInfo.InvariantCulture);

    public override void Write(Utf8JsonWriter writer, int value) => writer.WriteNumberValue(value);

    protected override bool TryParse(SettingValue value, out int result)
    {
        result = 0;
        return value.Kind is SettingValueKind.Number or SettingValueKind.Variable
            && int.TryParse(value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out result)
            && result >= minimum && result <= maximum;
    }
}

/// <summary>True or false.</summary>
internal sealed class FlagType : ScalarType<bool>
{
    public override string Description => "true or false";

    public override string Show(bool value) => value ? "true" : "false";

    public override void Write(Utf8JsonWriter writer, bool value) => writer.WriteBooleanValue(value);

    protected override bool TryParse(SettingValue value, out bool result)
    {
        result = value.Text == "true";
        return value.Kind is SettingValueKind.Boolean or SettingValueKind.Variable && value.Text is "true" or "false";
    }
}

/// <summary>One of a few words.</summary>
internal sealed class ChoiceType<T>(params (string Word, T Value)[] choices) : ScalarType<T>
{
    public override string Description =>
        choices.Length == 1 ? choices[0].Word : $"{string.Join(", ", choices.SkipLast(1).Select(choice => choice.Word))} or {choices[^1].Word}";

    public override string Show(T value) => choices.First(choice => EqualityComparer<T>.Default.Equals(choice.Value, value)).Word;

    public override void Write(Utf8JsonWriter writer, T value) => writer.WriteStringValue(Show(value));

    protected override bool TryParse(SettingValue value, out T result)
    {
        foreach ((string word, T choice) in choices)
        {
            if (value.Kind is SettingValueKind.Text or SettingValueKind.Variable && value.Text == word)
            {
                result = choice;
                return true;
            }
        }

        result = choices[0].Value;
        return false;
    }

    protected override string? Hint(SettingValue value) => NearestName.Find(value.Text, choices.Select(choice => choice.Word));
}
