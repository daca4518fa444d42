using System.Text;

namespace OnnxTransfer.Bench.Heads;

/// <summary>Seconds against the gap reached, both logarithmic: one panel per task, one line per solver.</summary>
internal static class Plot
{
    private const int Columns = 2;
    private const int Width = 460;
    private const int Left = 60;
    private const int Top = 40;
    private const int Height = 240;
    private const int LineHeight = 16;
    private const double LoosestDecade = 0;
    private const double TightestDecade = -7;
    private const string OurColour = "#0b4fc4";

    private static readonly string[] Colours = ["#d55e00", "#009e73", "#cc79a7", "#e69f00", "#6b4c9a", "#7f7f7f", "#56b4e9", "#8c564b"];

    /// <summary>An SVG image.</summary>
    public static string Of(Measurements measurements)
    {
        var panels = measurements.Series.GroupBy(static series => series.Task).ToArray();
        var rows = panels.Chunk(Columns).ToArray();
        var (body, y) = (new StringBuilder(), 0);
        foreach (var row in rows)
        {
            for (var column = 0; column < row.Length; column++)
            {
                body.AppendLine($"""<g transform="translate({column * (Left + Width + 40)},{y})">""");
                Panel(body, row[column].Key, [.. row[column]], measurements);
                body.AppendLine("</g>");
            }

            y += Top + Height + 60 + (LineHeight * row.Max(static panel => panel.Count()));
        }

        var width = Math.Clamp(panels.Length, 1, Columns) * (Left + Width + 40);
        return $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y}" viewBox="0 0 {width} {y}" font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="white"/>
            {body}</svg>

            """;
    }

    private static void Panel(StringBuilder svg, HeadTask task, Series[] all, Measurements measurements)
    {
        var bound = measurements.Optima[task].Dual;
        var lines = all.Select(series => (Series: series, Points: Frontier(series, bound))).ToArray();
        var times = lines.SelectMany(static line => line.Points).Select(static point => Math.Log10(point.Seconds)).DefaultIfEmpty(0).ToArray();
        var (low, high) = (Math.Floor(times.Min()), Math.Max(Math.Ceiling(times.Max()), Math.Floor(times.Min()) + 1));
        double X(double gap) => Left + (Width * (LoosestDecade - Math.Log10(gap)) / (LoosestDecade - TightestDecade));
        double Y(double seconds) => Top + (Height * (high - Math.Log10(seconds)) / (high - low));

        svg.AppendLine($"""<text x="{Left}" y="{Top - 14}" font-size="14" font-weight="bold">{task.Problem}, {task.Head}, C = {task.C:g}, intercept {task.Intercept}</text>""");
        for (var decade = (int)low; decade <= high; decade++)
        {
            var at = Y(Math.Pow(10, decade));
            svg.AppendLine($"""<line x1="{Left}" x2="{Left + Width}" y1="{at:f1}" y2="{at:f1}" stroke="#e2e2e2"/><text x="{Left - 6}" y="{at + 4:f1}" text-anchor="end" fill="#444">{Math.Pow(10, decade):g} s</text>""");
        }

        for (var decade = (int)LoosestDecade; decade >= TightestDecade; decade--)
        {
            var at = X(Math.Pow(10, decade));
            svg.AppendLine($"""<line x1="{at:f1}" x2="{at:f1}" y1="{Top}" y2="{Top + Height}" stroke="#e2e2e2"/><text x="{at:f1}" y="{Top + Height + 16}" text-anchor="middle" fill="#444">{(decade == 0 ? "1" : $"1e{decade}")}</text>""");
        }

        svg.AppendLine($"""<text x="{Left + Width}" y="{Top + Height + 32}" text-anchor="end" fill="#444">relative gap reached (f − d) / d</text>""");
        var names = measurements.Series.Where(series => series.Task.Head == task.Head && series.Solver != Ours.Name).Select(static series => series.Solver).Distinct().ToList();
        for (var i = 0; i < lines.Length; i++)
        {
            var (series, points) = lines[i];
            var ours = series.Solver == Ours.Name;
            var (colour, thick) = (ours ? OurColour : Colours[names.IndexOf(series.Solver) % Colours.Length], ours ? 3 : 1.6);
            var path = string.Join(' ', points.Select(point => $"{X(point.Gap):f1},{Y(point.Seconds):f1}"));
            svg.AppendLine($"""<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{thick}" stroke-linejoin="round"/>""");
            foreach (var point in points)
            {
                svg.AppendLine($"""<circle cx="{X(point.Gap):f1}" cy="{Y(point.Seconds):f1}" r="{(ours ? 4 : 3)}" fill="{colour}"/>""");
            }

            var legend = Top + Height + 46 + (i * LineHeight);
            svg.AppendLine($"""<line x1="{Left}" x2="{Left + 22}" y1="{legend}" y2="{legend}" stroke="{colour}" stroke-width="{thick}"/><circle cx="{Left + 11}" cy="{legend}" r="{(ours ? 4 : 3)}" fill="{colour}"/><text x="{Left + 30}" y="{legend + 4}"{(ours ? " font-weight=\"bold\"" : string.Empty)}>{series.Solver}{End(series)}</text>""");
        }
    }

    private static string End(Series series) => series switch
    {
        { End: null } => string.Empty,
        { OverLimit: true } => $" ({series.End})",
        _ => " (gets no further)",
    };

    /// <summary>
    /// The points that no other point beats in both the gap and the time, loose to tight, within the picture: a gap below
    /// its edge is drawn on the edge.
    /// </summary>
    private static (double Gap, double Seconds)[] Frontier(Series series, double bound)
    {
        var points = series.Points.Select(point => (Gap: Math.Max(Series.Gap(point.Objective, bound), Math.Pow(10, TightestDecade)), point.Seconds)).ToArray();
        return
        [
            .. points.Where(point => point.Gap <= Math.Pow(10, LoosestDecade) && !points.Any(other => other != point && other.Gap <= point.Gap && other.Seconds <= point.Seconds))
                .OrderByDescending(static point => point.Gap),
        ];
    }
}
