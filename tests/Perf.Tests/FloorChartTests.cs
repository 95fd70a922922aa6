using System.Globalization;
using System.Xml.Linq;
using GpuCrypt.Perf.Floor;

namespace GpuCrypt.Perf.Tests;

public sealed class FloorChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Theory]
    [InlineData(new[] { 64 }, new[] { 384, 768, 1536, 3072 })]
    [InlineData(new[] { 1, 4, 64 }, new[] { 16 })]
    [InlineData(new[] { 64 }, new[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 })]
    public void A_chart_has_a_bar_for_each_figure_as_high_as_its_value_and_a_floor_in_each_panel(int[] rows, int[] dimensions)
    {
        FloorFigure[] figures = FloorFigures.Run(rows, dimensions);
        XElement root = FloorChart.Draw(figures, ["a machine"]).Root!;
        XElement[] bars = [.. root.Descendants(Svg + "rect").Where(r => r.Attribute("data-floors") is not null)];
        Assert.Equal(
            figures.Select(f => f.TimesFloor.ToString("0.00", CultureInfo.InvariantCulture)).Order(StringComparer.Ordinal),
            bars.Select(b => b.Attribute("data-floors")!.Value).Order(StringComparer.Ordinal));
        XElement[] panels = [.. root.Elements(Svg + "g").Where(g => g.Descendants().Any(e => e.Attribute("data-floor") is not null))];
        Assert.Equal(rows.Length, panels.Length);
        foreach (XElement panel in panels)
        {
            XElement[] ofPanel = [.. panel.Descendants(Svg + "rect").Where(r => r.Attribute("data-floors") is not null)];
            Assert.Equal(5 * dimensions.Length, ofPanel.Length);
            double bottom = Number(ofPanel[0], "y") + Number(ofPanel[0], "height");
            double unit = bottom - Number(panel.Descendants(Svg + "line").Single(l => l.Attribute("data-floor") is not null), "y1");
            Assert.All(ofPanel, bar => Assert.Equal(Number(bar, "data-floors") * unit, Number(bar, "height"), 0.006 * unit + 0.02));
        }
    }

    [Fact]
    public void Everything_is_inside_and_nothing_overlaps_its_neighbour()
    {
        XElement root = FloorChart.Draw(FloorFigures.Run([1, 64], [384, 768, 1536, 3072]), ["a machine", new string('x', 400), string.Join(' ', Enumerable.Repeat("word", 100))]).Root!;
        double width = Number(root, "width"), height = Number(root, "height");
        Assert.All(root.Descendants(Svg + "rect"), box =>
        {
            Assert.InRange(Number(box, "x"), 0, width - Number(box, "width"));
            Assert.InRange(Number(box, "y"), 0, height - Number(box, "height"));
        });
        Assert.All(root.Descendants(Svg + "text"), text => Assert.InRange(Number(text, "y"), 0, height - 1));
        foreach (IGrouping<double, XElement> panel in root.Descendants(Svg + "rect").Where(r => r.Attribute("data-floors") is not null).GroupBy(b => Number(b, "y") + Number(b, "height")))
        {
            XElement[] bars = [.. panel.OrderBy(b => Number(b, "x"))];
            Assert.All(bars.Zip(bars.Skip(1)), pair => Assert.True(Number(pair.First, "x") + Number(pair.First, "width") <= Number(pair.Second, "x")));
        }
    }

    [Fact]
    public void A_saved_chart_is_plain_xml_that_a_page_can_show_as_an_image()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            FloorChart.Save(path, FloorFigures.Run([64], [384]), ["caption <with> & signs", "command --chart x"]);
            string text = File.ReadAllText(path);
            Assert.StartsWith("<svg ", text, StringComparison.Ordinal);
            Assert.NotEqual(0xEF, File.ReadAllBytes(path)[0]);
            XElement root = XDocument.Parse(text).Root!;
            Assert.Equal(Svg + "svg", root.Name);
            string[] texts = [.. root.Descendants(Svg + "text").Select(t => t.Value)];
            Assert.Contains("caption <with> & signs", texts);
            Assert.Contains("dimension", texts);
            Assert.Contains("times the floor", texts);
            Assert.Contains($"{FloorFigures.Device.Name}: {FloorFigures.Device.Detail}, batches of 64 rows", texts);
            Assert.Equal(
                ["decrypt", "encrypt", "encrypt, synthetic IV", "one-way", "rotate"],
                texts.Where(t => FloorFigures.Run([64], [384]).Any(f => f.Name == t)).Order(StringComparer.Ordinal));
            // Images on a page load nothing and run nothing: neither must be needed.
            Assert.All(root.Descendants(), e => Assert.DoesNotContain(e.Name.LocalName, (string[])["script", "style", "image", "use", "foreignObject"]));
            Assert.DoesNotContain("href", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("url(", text, StringComparison.OrdinalIgnoreCase);
            // Its own background, under everything else.
            XElement background = root.Elements().First(e => e.Name == Svg + "rect");
            Assert.Equal(("#ffffff", Number(root, "width") - 1), (background.Attribute("fill")!.Value, Number(background, "width")));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static double Number(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);
}
