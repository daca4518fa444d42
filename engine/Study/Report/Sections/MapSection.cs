using System.Globalization;

namespace OnnxTransfer.Study;

/// <summary>Codes in the plane, by t-SNE or principal components, coloured and shaped by class.</summary>
internal static class MapSection
{
    private const int Width = 640, LeastHeight = 320, MostHeight = 600, Margin = 14;

    public static void Write(HtmlWriter html, ReportContent content, CancellationToken cancellation)
    {
        if (content.Map is not { } map)
        {
            html.Element("p", $"There are fewer than {CodeMap.FewestImages} images to learn from, too few for a map.");
            return;
        }

        html.Element(
            "p",
            (map.Points.Count < map.Images ? $"A stratified sample of {Wording.Count(map.Points.Count)} of the {Wording.Images(map.Images)} to learn from" : $"The {Wording.Images(map.Images)} to learn from")
            + " in the plane, by their codes at the recommended layer. Images that were taken for another class while held out have a ring. In t-SNE neighbours mean much, and distances "
            + $"between groups little; the first two principal components hold {Wording.Percent(map.FirstShare)} and {Wording.Percent(map.SecondShare)} of the variance.");
        if (content.Study.Classes.Count > Shapes.Distinct)
        {
            html.Element("p", $"With more than {Shapes.Distinct} classes several share a colour and a shape; choose classes below to see them.");
        }

        using var figure = html.Tag("figure", ("class", "map"));
        using (html.Tag("div", ("class", "toggles"), ("hidden", "")))
        using (html.Tag("fieldset"))
        {
            html.Element("legend", "Placed by");
            Switch(html, "tsne", "t-SNE", true);
            Switch(html, "pca", "principal components", false);
        }

        Points(html, content.Study.Classes, map);
        Legend(html, content.Study.Classes, map);
        using (html.Tag("script", ("type", "application/json"), ("id", "map-pictures")))
        {
            html.Raw(ScriptJson.List(content.Pictures.Small([.. map.Points.Select(static point => point.Image)], cancellation)));
        }
    }

    private static void Switch(HtmlWriter html, string value, string name, bool isOn)
    {
        using var label = html.Tag("label");
        html.Void("input", ("type", "radio"), ("name", "place"), ("value", value), ("checked", isOn ? "" : null));
        html.Text(name);
    }

    private static void Points(HtmlWriter html, IReadOnlyList<string> classes, CodeMap map)
    {
        (double X, double Y)[] placed = [.. map.Points.Select(static point => (point.X, point.Y))], scores = [.. map.Points.Select(static point => (point.First, point.Second))];
        var height = Math.Clamp((int)((Width - (2 * Margin)) * Math.Max(Steepness(placed), Steepness(scores))) + (2 * Margin), LeastHeight, MostHeight);
        var (near, components) = (Frame(placed, height), Frame(scores, height));
        using var svg = html.Tag("svg", ("class", "points"), ("viewBox", $"0 0 {Width} {height}"), ("role", "group"), ("aria-label", "Map of the codes; the arrow keys go from image to image"));
        for (var i = 0; i < map.Points.Count; i++)
        {
            var point = map.Points[i];
            var k = point.Class.ToString(CultureInfo.InvariantCulture);
            using var mark = html.Tag(
                "g", ("class", $"mark {Shapes.Colour(point.Class)}{(point.IsWrong ? " misjudged" : string.Empty)}"), ("role", "img"), ("tabindex", i == 0 ? "0" : "-1"),
                ("aria-label", $"{classes[point.Class]}\n{point.Image}{(point.IsWrong ? "\ntaken for another class while held out" : string.Empty)}"),
                ("transform", $"translate({near[i]})"), ("data-tsne", near[i]), ("data-pca", components[i]), ("data-class", k));
            if (point.IsWrong)
            {
                html.Void("circle", ("class", "ring"), ("r", "8"));
            }

            html.Void("path", ("d", Shapes.Path(point.Class)));
        }
    }

    /// <summary>How high points reach beside how wide, at most 1.</summary>
    private static double Steepness((double X, double Y)[] points)
    {
        var (width, height) = (points.Max(static of => of.X) - points.Min(static of => of.X), points.Max(static of => of.Y) - points.Min(static of => of.Y));
        return height < width ? height / width : 1;
    }

    /// <summary>Brings points into the drawing: by the same factor along both axes, in the middle.</summary>
    private static string[] Frame((double X, double Y)[] points, int height)
    {
        var (left, right) = (points.Min(static of => of.X), points.Max(static of => of.X));
        var (low, high) = (points.Min(static of => of.Y), points.Max(static of => of.Y));
        var factor = Math.Min((Width - (2 * Margin)) / Math.Max(right - left, 1e-12), (height - (2 * Margin)) / Math.Max(high - low, 1e-12));
        return
        [
            .. points.Select(of => string.Create(
                CultureInfo.InvariantCulture,
                $"{(Width / 2.0) + (factor * (of.X - ((left + right) / 2))):F1} {(height / 2.0) - (factor * (of.Y - ((low + high) / 2))):F1}")),
        ];
    }

    private static void Legend(HtmlWriter html, IReadOnlyList<string> classes, CodeMap map)
    {
        using var legend = html.Tag("ul", ("class", "legend"), ("aria-label", "Classes"), ("tabindex", "0"));
        foreach (var k in map.Points.Select(static point => point.Class).Distinct().Order())
        {
            using var item = html.Tag("li");
            using var button = html.Tag("button", ("type", "button"), ("aria-pressed", "false"), ("data-class", k.ToString(CultureInfo.InvariantCulture)));
            Shapes.Swatch(html, Shapes.Path(k), Shapes.Colour(k));
            html.Text(classes[k]);
        }
    }
}
