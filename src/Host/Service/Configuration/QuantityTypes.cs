using System.Globalization;
using System.Text.Json;

namespace GpuCrypt.Host.Service.Configuration;

/// <summary>Times in a range: a number of milliseconds, or text of a number and a unit.</summary>
internal sealed class TimeType(TimeSpan minimum, TimeSpan maximum) : ScalarType<TimeSpan>
{
    private static readonly (string Unit, decimal Size)[] Units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];

    public override string Description => $"a time from {Show(minimum)} to {Show(maximum)}, a number with ms, s, m or h";

    public override string Show(TimeSpan value) => Quantity.Show((decimal)value.Ticks / TimeSpan.TicksPerMillisecond, Units);

    public override void Write(Utf8JsonWriter writer, TimeSpan value) => writer.WriteStringValue(Show(value));

    protected override bool TryParse(SettingValue value, out TimeSpan result)
    {
        result = default;
        if (!Quantity.TryParse(value, Units, (decimal)maximum.TotalMilliseconds, out decimal milliseconds))
            return false;
        result = TimeSpan.FromTicks((long)(milliseconds * TimeSpan.TicksPerMillisecond));
        return result >= minimum;
    }
}

/// <summary>Sizes in a range: a number of bytes, or text of a number and a unit.</summary>
internal sealed class SizeType(int minimum, int maximum) : ScalarType<int>
{
    private static readonly (string Unit, decimal Size)[] Units = [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

    public override string Description => $"a size from {Show(minimum)} to {Show(maximum)}, a number with B, KiB, MiB or GiB";

    public override string Show(int value) => ShowBytes(value);

    public override void Write(Utf8JsonWriter writer, int value) => writer.WriteStringValue(Show(value));

    /// <summary>A size as help and errors show it: <c>4MiB</c>.</summary>
    public static string ShowBytes(long bytes) => Quantity.Show(bytes, Units);

    protected override bool TryParse(SettingValue value, out int result)
    {
        result = 0;
        if (!Quantity.TryParse(value, Units, maximum, out decimal bytes) || bytes != decimal.Truncate(bytes))
            return false;
        result = (int)bytes;
        return result >= minimum;
    }
}

/// <summary>
/// Numbers with units, one rule for all: a JSON number is in the smallest unit; text is a decimal number and a unit. In an environment
/// variable, which cannot say what kind of value it is, a number alone is in the smallest unit as well.
/// </summary>
internal static class Quantity
{
    private const NumberStyles Decimal = NumberStyles.AllowDecimalPoint;

    /// <summary>Reads a quantity, in the smallest unit; false for what is none, or above the maximum.</summary>
    public static bool TryParse(SettingValue value, (string Unit, decimal Size)[] units, decimal maximum, out decimal result)
    {
        result = 0;
        if (value.Kind is not (SettingValueKind.Number or SettingValueKind.Text or SettingValueKind.Variable))
            return false;
        if (value.Kind != SettingValueKind.Text && decimal.TryParse(value.Text, Decimal, CultureInfo.InvariantCulture, out result))
            return result <= maximum;
        string unit = value.Text.TrimStart("0123456789.".ToCharArray());
        decimal size = units.FirstOrDefault(known => known.Unit == unit.TrimStart(' ')).Size;
        if (size == 0 || value.Kind == SettingValueKind.Number || !decimal.TryParse(value.Text[..^unit.Length], Decimal, CultureInfo.InvariantCulture, out decimal number))
            return false;
        // Compared before it is multiplied: the product may be beyond what a decimal holds.
        if (number > maximum / size)
            return false;
        result = number * size;
        return true;
    }

    /// <summary>A quantity in the largest unit that leaves no fraction.</summary>
    public static string Show(decimal value, (string Unit, decimal Size)[] units)
    {
        (string unit, decimal size) = value == 0 ? units[0] : units.Last(candidate => candidate.Size == units[0].Size || value % candidate.Size == 0);
        return (value / size).ToString("0.####", CultureInfo.InvariantCulture) + unit;
    }
}
