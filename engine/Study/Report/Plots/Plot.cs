namespace OnnxTransfer.Study;

/// <summary>A plot of points in series, with intervals where they have some, drawn as SVG. Units are those of its view box.</summary>
internal sealed record Plot
{
    private const int Width = 560, Height = 400, Left = 70, Right = 16, Top = 26, Bottom = 60;

    // Of a note in the style sheet's letters: a letter, the line, and from a mark to the note; and half of a mark.
    private const double LetterOfNote = 9.6, LineOfNote = 14, GapOfNote = 16, HalfMark = 6;

    /// <summary>What it shows, in a sentence for those who do not see it.</summary>
    public required string Label { get; init; }

    /// <summary>What runs to the right.</summary>
    public required string XTitle { get; init; }

    /// <summary>What runs upwards.</summary>
    public required string YTitle { get; init; }

    /// <summary>To the right.</summary>
    public required Axis X { get; init; }

    /// <summary>Upwards.</summary>
    public required Axis Y { get; init; }

    /// <summary>How a tick upwards is written; null: as the percentage of a share.</summary>
    public Func<double, string>? YTick { get; init; }

    /// <summary>The series, later ones above.</summary>
    public required IReadOnlyList<PlotSeries> Series { get; init; }

    /// <summary>A line of steps that joins points, such as a front; empty: none.</summary>
    public IReadOnlyList<(double X, double Y)> Steps { get; init; } = [];

    /// <summary>What switches that line on, as for a series: those of all its points, as without one of them it would be another line.</summary>
    public string StepKeys { get; init; } = string.Empty;

    /// <summary>Places along the axis that have a name.</summary>
    public IReadOnlyList<(double X, string Name)> Places { get; init; } = [];

    /// <summary>Draws it.</summary>
    public void Write(HtmlWriter html)
    {
        using var svg = html.Tag("svg", ("class", "plot"), ("viewBox", $"0 0 {Width} {Height}"), ("role", "group"), ("aria-label", Label));
        Axes(html);
        if (Steps.Count > 0)
        {
            using var steps = html.Tag("g", ("class", "series"), ("data-keys", StepKeys));
            html.Void("path", ("class", "front"), ("d", $"M{At(Steps[0])}" + string.Concat(Steps.Skip(1).Select(to => $"H{Wording.Exact(Across(to.X))}V{Wording.Exact(Up(to.Y))}")) + $"H{Width - Right}"));
        }

        var first = true;
        foreach (var series in Series)
        {
            using var group = html.Tag("g", ("class", $"series {series.Colour}"), ("data-keys", series.Keys), ("hidden", series.IsHidden ? "" : null));
            if (series.IsJoined && series.Points.Count > 1)
            {
                html.Void("path", ("class", "line"), ("d", "M" + string.Join("L", series.Points.Select(point => At((point.X, point.Y))))));
            }

            foreach (var point in series.Points.Where(static point => point.HasWhisker))
            {
                html.Void("path", ("class", "whisker"), ("d", $"M{At((point.X, point.Low))}V{Wording.Exact(Up(point.High))}"));
            }

            foreach (var point in series.HasMarks ? series.Points : [])
            {
                Mark(html, series, point, first && !series.IsHidden);
                first &= series.IsHidden;
            }

            foreach (var point in series.Points.Where(static point => point.Note is not null))
            {
                Note(html, point, point.Note!);
            }
        }
    }

    /// <summary>Beside its point or above or below it, within the frame: of these places the first with the fewest marks under it.</summary>
    private void Note(HtmlWriter html, PlotPoint point, string note)
    {
        var (x, y, width) = (Across(point.X), Up(point.Y), LetterOfNote * note.Length);
        var marks = Series.Where(static series => series is { IsHidden: false, HasMarks: true }).SelectMany(static series => series.Points).Where(other => other != point).ToList();
        (string Anchor, double At, double Left, double Base)[] places =
        [
            ("start", x + GapOfNote, x + GapOfNote, y + 5), ("end", x - GapOfNote, x - GapOfNote - width, y + 5),
            ("middle", x, x - (width / 2), y - GapOfNote), ("middle", x, x - (width / 2), y + GapOfNote + LineOfNote),
        ];
        var (anchor, across, _, down) = places
            .OrderBy(place => place.Left >= Left && place.Left + width <= Width - Right && place.Base - LineOfNote >= Top && place.Base <= Height - Bottom ? 0 : 1)
            .ThenBy(place => marks.Count(mark => Across(mark.X) is var at && at > place.Left - HalfMark && at < place.Left + width + HalfMark
                && Up(mark.Y) is var up && up > place.Base - LineOfNote - HalfMark && up < place.Base + HalfMark))
            .First();
        html.Element("text", note, ("class", "note"), ("aria-hidden", "true"), ("x", Wording.Exact(across)), ("y", Wording.Exact(down)), ("text-anchor", anchor));
    }

    private static void Place(HtmlWriter html, string text, double x, double y, string anchor, string kind = "tick") =>
        html.Element("text", text, ("class", kind), ("x", Wording.Exact(x)), ("y", Wording.Exact(y)), ("text-anchor", anchor));

    private void Mark(HtmlWriter html, PlotSeries series, PlotPoint point, bool isFirst)
    {
        using var mark = html.Tag(
            "g", ("class", point.IsRinged ? "mark ringed" : "mark"), ("role", "img"), ("tabindex", isFirst ? "0" : "-1"), ("aria-label", point.Label),
            ("transform", $"translate({At((point.X, point.Y))})"));
        if (point.IsRinged)
        {
            html.Void("circle", ("class", "ring"), ("r", "10"));
        }

        html.Void("path", ("d", series.Shape));
    }

    private void Axes(HtmlWriter html)
    {
        using var axes = html.Tag("g", ("class", "axes"), ("aria-hidden", "true"));
        foreach (var tick in Y.At())
        {
            var y = Up(tick);
            html.Void("path", ("class", "grid"), ("d", $"M{Left} {Wording.Exact(y)}H{Width - Right}"));
            Place(html, YTick?.Invoke(tick) ?? Wording.Number(100 * tick, Math.Max(0, Y.Digits - 2)), Left - 10, y + 5, "end");
        }

        foreach (var tick in X.At())
        {
            Place(html, Wording.Number(tick, X.Digits), Across(tick), Height - Bottom + 24, "middle");
        }

        foreach (var (x, name) in Places)
        {
            html.Void("path", ("class", "place"), ("d", $"M{Wording.Exact(Across(x))} {Top}V{Height - Bottom}"));
            Place(html, name, Math.Min(Across(x) + 4, Width - 2), Top - 8, X.Share(x) > 0.9 ? "end" : "middle", "name");
        }

        html.Void("path", ("class", "base"), ("d", $"M{Left} {Height - Bottom}H{Width - Right}"));
        Place(html, XTitle, Left + ((Width - Left - Right) / 2.0), Height - 10, "middle", "title");
        html.Element("text", YTitle, ("class", "title"), ("x", $"{-(Top + ((Height - Top - Bottom) / 2))}"), ("y", "18"), ("transform", "rotate(-90)"), ("text-anchor", "middle"));
    }

    private double Across(double x) => Left + (X.Share(x) * (Width - Left - Right));

    private double Up(double y) => Height - Bottom - (Math.Clamp(Y.Share(y), 0, 1) * (Height - Top - Bottom));

    private string At((double X, double Y) point) => $"{Wording.Exact(Across(point.X))} {Wording.Exact(Up(point.Y))}";
}

/// <summary>Points that are drawn alike.</summary>
/// <param name="Keys">What switches it on: all of these words must be.</param>
/// <param name="Colour">The class of its colour.</param>
/// <param name="Shape">The path of its marks.</param>
/// <param name="Points">The points, from left to right.</param>
/// <param name="IsJoined">Whether a line joins them.</param>
/// <param name="IsHidden">Whether it is off at first.</param>
internal sealed record PlotSeries(string Keys, string Colour, string Shape, IReadOnlyList<PlotPoint> Points, bool IsJoined, bool IsHidden)
{
    /// <summary>Whether its points have marks; a line of many has none.</summary>
    public bool HasMarks { get; init; } = true;
}

/// <summary>A point.</summary>
/// <param name="X">To the right.</param>
/// <param name="Y">Upwards.</param>
/// <param name="Low">Where its interval begins.</param>
/// <param name="High">Where it ends.</param>
/// <param name="Label">What the tooltip tells: its name, then lines.</param>
internal sealed record PlotPoint(double X, double Y, double Low, double High, string Label)
{
    /// <summary>Whether its interval is drawn.</summary>
    public bool HasWhisker { get; init; } = true;

    /// <summary>Whether a ring marks it.</summary>
    public bool IsRinged { get; init; }

    /// <summary>A word beside it.</summary>
    public string? Note { get; init; }
}
