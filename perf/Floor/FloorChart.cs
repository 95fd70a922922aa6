using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace GpuCrypt.Perf.Floor;

/// <summary>
/// A run as a drawing: a panel for each device and number of rows, in it a group of bars for each dimension and a bar for each operation, in
/// floors. It brings its own background, so that it reads the same on a light page and on a dark one, and nothing that a page that shows it
/// as an image would have to load or run.
/// </summary>
internal static class FloorChart
{
    private const double Width = 960;
    private const double Left = 62;
    private const double Right = 76;
    private const double PlotHeight = 220;
    private const double PanelHeight = PlotHeight + 78;
    private const double HeadHeight = 84;
    private const double CaptionLine = 15;
    private const int CaptionLength = 150;
    private const double NarrowestLabelledBar = 22;

    private const string Ink = "#1f2328";
    private const string Grey = "#59636e";
    private const string Rule = "#d8dee4";
    private const string Floor = "#b3261e";

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    // Told apart by those who see colours differently too (Okabe and Ito).
    private static readonly string[] Colours = ["#0072b2", "#56b4e9", "#009e73", "#e69f00", "#cc79a7"];

    /// <summary>Draws figures into a file.</summary>
    public static void Save(string path, IReadOnlyList<FloorFigure> figures, IEnumerable<string> caption)
    {
        using var writer = XmlWriter.Create(path, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true, NewLineChars = "\n", OmitXmlDeclaration = true });
        Draw(figures, caption).Save(writer);
    }

    /// <summary>Draws figures.</summary>
    /// <param name="figures">At least one.</param>
    /// <param name="caption">Lines about machine and command, long ones are broken.</param>
    public static XDocument Draw(IReadOnlyList<FloorFigure> figures, IEnumerable<string> caption)
    {
        string[] operations = [.. figures.Select(f => f.Name).Distinct()];
        var panels = figures.GroupBy(f => (f.Device, f.Rows)).ToList();
        string[] lines = [.. caption.SelectMany(Broken)];
        double height = HeadHeight + (panels.Count * PanelHeight) + (lines.Length * CaptionLine) + 16;
        const string Title = "GpuCrypt on one core, in OpenSSL floors";
        var root = new XElement(
            Svg + "svg",
            new XAttribute("width", Width),
            new XAttribute("height", height),
            new XAttribute("viewBox", $"0 0 {Number(Width)} {Number(height)}"),
            new XAttribute("role", "img"),
            new XAttribute("font-family", "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"),
            new XElement(Svg + "title", Title),
            new XElement(Svg + "desc", "Times of each operation by dimension, as multiples of the time that OpenSSL takes for ChaCha20 and HMAC-SHA256 over the same vector. Lower is faster."),
            Box(0.5, 0.5, Width - 1, height - 1, "#ffffff", new XAttribute("rx", 8), new XAttribute("stroke", Rule)),
            Text(Left, 30, Title, 18, Ink, new XAttribute("font-weight", 600)),
            Text(Left, 50, "A vector's processor time ÷ OpenSSL's for ChaCha20 and HMAC-SHA256 over the same vector. Lower is faster.", 12, Grey),
            Legend(operations));
        for (int i = 0; i < panels.Count; i++)
            root.Add(Panel([.. panels[i]], operations, HeadHeight + (i * PanelHeight)));
        for (int i = 0; i < lines.Length; i++)
            root.Add(Text(Left, HeadHeight + (panels.Count * PanelHeight) + ((i + 1) * CaptionLine) - 4, lines[i], 10.5, Grey));
        return new XDocument(root);
    }

    private static XElement Legend(string[] operations)
    {
        var legend = new XElement(Svg + "g");
        double x = Left;
        for (int i = 0; i < operations.Length; i++)
        {
            legend.Add(Box(x, 62, 12, 12, Colour(i)), Text(x + 17, 72.5, operations[i], 12, Ink));
            // About the width of the text: nothing here can measure it.
            x += 42 + (6.3 * operations[i].Length);
        }

        return legend;
    }

    private static XElement Panel(FloorFigure[] figures, string[] operations, double top)
    {
        int[] dimensions = [.. figures.Select(f => f.Dimension).Distinct()];
        double plotTop = top + 32, bottom = plotTop + PlotHeight, plotWidth = Width - Left - Right;
        double step = Step(Math.Max(1, figures.Max(f => f.Highest)));
        double highest = step * Math.Ceiling(Math.Max(1, figures.Max(f => f.Highest)) * 1.06 / step);
        string rows = figures[0].Rows == 1 ? "one row a batch" : $"batches of {figures[0].Rows} rows";
        var panel = new XElement(Svg + "g", Text(Left, top + 17, $"{figures[0].Device.Name}: {figures[0].Device.Detail}, {rows}", 13, Ink, new XAttribute("font-weight", 600)));
        for (int tick = 0; tick * step <= highest + (step / 2); tick++)
        {
            double y = Y(tick * step);
            panel.Add(Line(Left, y, Width - Right, y, Rule), Text(Left - 8, y + 4, (tick * step).ToString("0.##", CultureInfo.InvariantCulture), 11, Grey, new XAttribute("text-anchor", "end")));
        }

        var values = new XElement(Svg + "g", Halo());
        double group = plotWidth / dimensions.Length, bar = group * 0.86 / operations.Length;
        for (int d = 0; d < dimensions.Length; d++)
        {
            foreach (FloorFigure figure in figures.Where(f => f.Dimension == dimensions[d]))
            {
                int operation = Array.IndexOf(operations, figure.Name);
                double x = Left + (d * group) + (group * 0.07) + (operation * bar) + 1;
                panel.Add(Bar(figure, Colour(operation), x, bar - 2, Y, bottom));
                if (bar - 2 >= NarrowestLabelledBar)
                    values.Add(Text(x + ((bar - 2) / 2), Y(figure.Highest) - 4, Value(figure), 10.5, Ink, new XAttribute("text-anchor", "middle")));
            }

            panel.Add(Text(Left + ((d + 0.5) * group), bottom + 16, dimensions[d].ToString(CultureInfo.InvariantCulture), 12, Ink, new XAttribute("text-anchor", "middle")));
        }

        panel.Add(
            Line(Left, Y(1), Width - Right, Y(1), Floor, new XAttribute("stroke-width", 1.5), new XAttribute("stroke-dasharray", "6 4"), new XAttribute("data-floor", 1)),
            Text(Width - Right + 6, Y(1) + 4, "the floor", 11, Floor),
            // Over the line, which would cross out the values of bars that end just below it.
            values,
            Text(Left + (plotWidth / 2), bottom + 33, "dimension", 12, Grey, new XAttribute("text-anchor", "middle")),
            Text(0, 0, "times the floor", 12, Grey, new XAttribute("text-anchor", "middle"), new XAttribute("transform", $"translate(20 {Number(plotTop + (PlotHeight / 2))}) rotate(-90)")));
        return panel;

        double Y(double value) => bottom - (PlotHeight * value / highest);
    }

    private static XElement Bar(FloorFigure figure, string colour, double x, double width, Func<double, double> y, double bottom)
    {
        double top = y(figure.TimesFloor), middle = x + (width / 2);
        return new XElement(
            Svg + "g",
            new XElement(Svg + "title", $"{figure.Name}, d = {figure.Dimension}: {Value(figure)} floors"),
            Box(x, top, width, bottom - top, colour, new XAttribute("data-floors", Value(figure))),
            Line(middle, y(figure.Lowest), middle, y(figure.Highest), Ink));
    }

    private static string Value(FloorFigure figure) => figure.TimesFloor.ToString("0.00", CultureInfo.InvariantCulture);

    private static XAttribute[] Halo() => [new("stroke", "#ffffff"), new("stroke-width", 3), new("paint-order", "stroke")];

    /// <summary>The distance of the rules: 1, 2 or 5 times a power of ten, about six of them.</summary>
    private static double Step(double highest)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(highest / 6)));
        return power * ((highest / 6 / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
    }

    private static string Colour(int operation) => Colours[operation % Colours.Length];

    private static IEnumerable<string> Broken(string line)
    {
        while (line.Length > CaptionLength && line.LastIndexOf(' ', CaptionLength) is > 0 and int end)
        {
            yield return line[..end];
            line = line[(end + 1)..];
        }

        yield return line;
    }

    private static XElement Text(double x, double y, string text, double size, string colour, params XAttribute[] more) =>
        new(Svg + "text", At("x", x), At("y", y), At("font-size", size), new XAttribute("fill", colour), more, text);

    private static XElement Box(double x, double y, double width, double height, string colour, params XAttribute[] more) =>
        new(Svg + "rect", At("x", x), At("y", y), At("width", width), At("height", height), new XAttribute("fill", colour), more);

    private static XElement Line(double x1, double y1, double x2, double y2, string colour, params XAttribute[] more) =>
        new(Svg + "line", At("x1", x1), At("y1", y1), At("x2", x2), At("y2", y2), new XAttribute("stroke", colour), more);

    private static XAttribute At(string name, double value) => new(name, Number(value));

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
