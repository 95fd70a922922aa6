using System.Globalization;
using System.Text;

namespace GpuCrypt.Host.Telemetry;

/// <summary>
/// Writes metrics in Prometheus' text exposition format 0.0.4, the form a <c>/metrics</c> page has: families of samples, each with its help and type.
/// Begin a family, then write its samples; take the page with <see cref="ToString"/>. Not safe for use by several threads at once.
/// </summary>
public sealed class PrometheusText
{
    private const double NanosecondsPerSecond = 1e9;

    private static readonly (double Percentile, string Quantile)[] _quantiles = [(50, "0.5"), (90, "0.9"), (99, "0.99"), (99.9, "0.999"), (100, "1")];

    private readonly StringBuilder _text = new();
    private readonly HashSet<string> _families = new(StringComparer.Ordinal);
    private string? _family;
    private string? _type;

    /// <summary>The media type of the page.</summary>
    public static string ContentType => "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Begins a family of counters: totals that only ever grow.</summary>
    /// <param name="name">The metric's name, by convention with the unit and <c>_total</c> at its end.</param>
    /// <param name="help">What it counts, in a sentence.</param>
    /// <exception cref="ArgumentException">The name is not one that Prometheus accepts.</exception>
    /// <exception cref="InvalidOperationException">The family was begun before; its samples must stand together.</exception>
    public PrometheusText Counter(string name, string help) => Begin(name, help, "counter");

    /// <summary>Begins a family of gauges: values that go up and down.</summary>
    /// <inheritdoc cref="Counter"/>
    public PrometheusText Gauge(string name, string help) => Begin(name, help, "gauge");

    /// <summary>Begins a family of summaries: quantiles, sum and count of recordings.</summary>
    /// <inheritdoc cref="Counter"/>
    public PrometheusText Summary(string name, string help) => Begin(name, help, "summary");

    /// <summary>Writes a sample of the counter or gauge family begun last.</summary>
    /// <param name="value">The value.</param>
    /// <param name="labels">Names and values that tell it from the family's other samples.</param>
    /// <exception cref="ArgumentException">A label's name is not one that Prometheus accepts.</exception>
    /// <exception cref="InvalidOperationException">No family of counters or gauges was begun.</exception>
    public PrometheusText Sample(double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        if (_family is null || _type == "summary")
            throw new InvalidOperationException("A sample belongs to a family of counters or gauges; begin one first.");

        return Line(_family, value, labels, null);
    }

    /// <summary>
    /// Writes a histogram of nanoseconds as a sample of the summary family begun last, in seconds: quantiles 0.5, 0.9, 0.99, 0.999 and 1 over the
    /// recordings it holds, their sum (each at the middle of its bucket) and their number. An empty histogram's quantiles are NaN, as the format has it.
    /// </summary>
    /// <param name="nanoseconds">The recordings.</param>
    /// <param name="labels">Names and values that tell it from the family's other samples.</param>
    /// <exception cref="ArgumentException">A label's name is not one that Prometheus accepts, or is <c>quantile</c>, which the quantiles use.</exception>
    /// <exception cref="InvalidOperationException">No family of summaries was begun.</exception>
    public PrometheusText Sample(HdrHistogram nanoseconds, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        ArgumentNullException.ThrowIfNull(nanoseconds);
        if (_family is null || _type != "summary")
            throw new InvalidOperationException("A histogram is a sample of a family of summaries; begin one first.");

        foreach ((string name, _) in labels)
        {
            if (name == "quantile")
                throw new ArgumentException("The label 'quantile' is the summary's own.", nameof(labels));
        }

        foreach ((double percentile, string quantile) in _quantiles)
        {
            double seconds = nanoseconds.TotalCount == 0 ? double.NaN : nanoseconds.ValueAtPercentile(percentile) / NanosecondsPerSecond;
            Line(_family, seconds, labels, quantile);
        }

        Line(_family + "_sum", (double)nanoseconds.Sum / NanosecondsPerSecond, labels, null);
        return Line(_family + "_count", nanoseconds.TotalCount, labels, null);
    }

    /// <summary>The page: what was written so far.</summary>
    public override string ToString() => _text.ToString();

    private PrometheusText Begin(string name, string help, string type)
    {
        ArgumentNullException.ThrowIfNull(help);
        if (!IsName(name, colons: true))
            throw new ArgumentException($"The metric name '{name}' must be letters, digits, '_' and ':', and not begin with a digit.", nameof(name));

        if (!_families.Add(name))
            throw new InvalidOperationException($"The samples of '{name}' must stand together; it was begun before.");

        (_family, _type) = (name, type);
        _text.Append("# HELP ").Append(name).Append(' ').Append(help.Replace(@"\", @"\\").Replace("\n", @"\n")).Append('\n');
        _text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        return this;
    }

    private PrometheusText Line(string name, double value, ReadOnlySpan<(string Name, string Value)> labels, string? quantile)
    {
        // Checked before anything is written, so that an error leaves no half line.
        foreach ((string label, _) in labels)
        {
            if (!IsName(label, colons: false) || label.StartsWith("__", StringComparison.Ordinal))
                throw new ArgumentException($"The label name '{label}' must be letters, digits and '_', and begin with neither a digit nor '__'.", nameof(labels));
        }

        _text.Append(name);
        char before = '{';
        foreach ((string label, string text) in labels)
        {
            AppendLabel(before, label, text);
            before = ',';
        }

        if (quantile is not null)
        {
            AppendLabel(before, "quantile", quantile);
            before = ',';
        }

        if (before == ',')
            _text.Append('}');

        _text.Append(' ').Append(Format(value)).Append('\n');
        return this;
    }

    private void AppendLabel(char before, string name, string value)
    {
        _text.Append(before).Append(name).Append("=\"");
        _text.Append(value.Replace(@"\", @"\\").Replace("\"", "\\\"").Replace("\n", @"\n")).Append('"');
    }

    private static string Format(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture), // NaN is NaN
    };

    private static bool IsName(string? name, bool colons)
    {
        if (string.IsNullOrEmpty(name) || char.IsAsciiDigit(name[0]))
            return false;

        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_' && !(colons && c == ':'))
                return false;
        }

        return true;
    }
}
