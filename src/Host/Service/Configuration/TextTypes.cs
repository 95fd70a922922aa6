using System.Text.Json;

namespace GpuCrypt.Host.Service.Configuration;

/// <summary>Texts that follow a rule.</summary>
internal sealed class TextType(TextRule rule) : ScalarType<string>
{
    public override string Description => rule.Description;

    public override bool IsWithheld => rule.IsWithheld;

    public override string Show(string value) => value;

    public override void Write(Utf8JsonWriter writer, string value) => writer.WriteStringValue(value);

    protected override bool TryParse(SettingValue value, out string result)
    {
        result = value.Text;
        return value.Kind is SettingValueKind.Text or SettingValueKind.Variable && rule.Accepts(value.Text);
    }
}

/// <summary>Texts that follow a rule, or null for not set. An empty environment variable says null too, so that it can take back what the file says.</summary>
/// <param name="rule">The rule.</param>
/// <param name="unset">What stands for null in help and the documentation.</param>
internal sealed class OptionalTextType(TextRule rule, string unset = "not set") : ScalarType<string?>
{
    public override string Description => $"{rule.Description}, or null";

    public override bool IsWithheld => rule.IsWithheld;

    public override string Show(string? value) => value ?? unset;

    public override void Write(Utf8JsonWriter writer, string? value)
    {
        if (value is null)
            writer.WriteNullValue();
        else
            writer.WriteStringValue(rule.IsSecret ? KafkaProperties.Redacted : value);
    }

    protected override bool TryParse(SettingValue value, out string? result)
    {
        result = null;
        if (value.Kind == SettingValueKind.Null || (value.Kind == SettingValueKind.Variable && value.Text.Length == 0))
            return true;
        result = value.Text;
        return value.Kind is SettingValueKind.Text or SettingValueKind.Variable && rule.Accepts(value.Text);
    }
}

/// <summary>Lists of different texts.</summary>
internal sealed class TextListType : SettingType<IReadOnlyList<string>>
{
    public override string Description => "a list of texts";

    public override SettingShape Shape => SettingShape.Texts;

    public override bool TryRead(SettingsReading reading, string path, SettingValue value, out IReadOnlyList<string> result)
    {
        List<string> texts = [];
        result = texts;
        if (value.Kind != SettingValueKind.Array)
        {
            reading.FailValue(value, path, Description);
            return false;
        }

        bool good = true;
        for (int i = 0; i < value.Items.Count; i++)
        {
            string itemPath = $"{path}[{i}]";
            SettingValue item = value.Items[i];
            reading.Note(itemPath, item.Place);
            if (item.Kind is not (SettingValueKind.Text or SettingValueKind.Variable) || !TextRule.Line.Accepts(item.Text))
                reading.FailValue(item, itemPath, TextRule.Line.Description);
            else if (texts.Contains(item.Text, StringComparer.Ordinal))
                reading.Fail(item.Place, itemPath, $"expected each text once, found {SettingValue.Quote(item.Text)} again");
            else
                texts.Add(item.Text);
            good &= texts.Count == i + 1;
        }

        return good;
    }

    public override string Show(IReadOnlyList<string> value) => value.Count == 0 ? "none" : string.Join(", ", value);

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<string> value)
    {
        writer.WriteStartArray();
        foreach (string text in value)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }
}

/// <summary>Properties of the Kafka clients: any that the service does not set itself.</summary>
internal sealed class PropertiesType : SettingType<IReadOnlyDictionary<string, string>>
{
    public override string Description => "an object of librdkafka properties";

    public override SettingShape Shape => SettingShape.Properties;

    public override bool TryRead(SettingsReading reading, string path, SettingValue value, out IReadOnlyDictionary<string, string> result)
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        result = properties;
        if (value.Kind != SettingValueKind.Object)
        {
            reading.FailValue(value, path, Description);
            return false;
        }

        bool good = true;
        foreach ((string name, SettingPlace place, SettingValue member) in value.Members)
        {
            string memberPath = SettingsReading.Join(path, name);
            reading.Note(memberPath, member.Place);
            if (KafkaProperties.WhyOwned(name) is { } reason)
                reading.Fail(place, memberPath, reason);
            else if (member.Kind is SettingValueKind.Object or SettingValueKind.Array or SettingValueKind.Null)
                reading.FailValue(member, memberPath, "a text, a number, true or false");
            // No value of a property has a NUL: the client's own interface ends there.
            else if (name.Contains('\0', StringComparison.Ordinal) || member.Text.Contains('\0', StringComparison.Ordinal))
                reading.Fail(member.Place, memberPath, "expected a text without NUL characters");
            else if (KafkaProperties.WhyRefused(name, member.Text) is { } refusal)
                reading.Fail(member.Place, memberPath, refusal);
            else
                properties[name] = member.Text;
            good &= properties.ContainsKey(name);
        }

        return good;
    }

    public override string Show(IReadOnlyDictionary<string, string> value) =>
        value.Count == 0 ? "none" : string.Join(", ", value.Keys);

    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> value)
    {
        writer.WriteStartObject();
        foreach ((string name, string text) in value)
            writer.WriteString(name, KafkaProperties.IsSecret(name) ? KafkaProperties.Redacted : text);
        writer.WriteEndObject();
    }
}
