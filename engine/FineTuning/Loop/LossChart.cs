using System.Globalization;
using System.Text;

namespace OnnxTransfer.FineTuning;

/// <summary>The loss of a training as a picture: SVG, on a logarithmic scale.</summary>
internal static class LossChart
{
    private const double Width = 720, Height = 320, Left = 64, Right = 16, Top = 28, Bottom = 40;
    private const double LeastLoss = 1e-9;
    private const double Kept = 0.9;

    /// <summary>
    /// The loss of every update as a faint line, its exponential mean as a strong one, and the validation loss at the start and of
    /// each epoch as points.
    /// </summary>
    /// <param name="lines">The metrics of a training, in their order; without a finite loss there are axes alone.</param>
    public static string Svg(IReadOnlyList<MetricsLine> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var updates = lines.Where(static line => line is { Kind: "update", Loss: not null }).Select(static line => ((double)line.Step, Loss: Math.Max(line.Loss!.Value, LeastLoss))).ToList();
        var validations = lines.Where(static line => line.ValidationLoss is not null)
            .Select(static line => ((double)line.Step, Math.Max(line.ValidationLoss!.Value, LeastLoss))).ToList();
        double[] losses = [.. updates.Concat(validations).Select(static point => Math.Log10(point.Item2))];
        var (low, high) = losses.Length > 0 ? (losses.Min(), losses.Max()) : (-1, 1);
        (low, high) = high - low < 0.1 ? (low - 0.05, high + 0.05) : (low, high);
        var last = Math.Max(1, updates.Concat(validations).Select(static point => point.Item1).DefaultIfEmpty(1).Max());
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" role=\"img\" aria-label=\"Loss of each update\" font-family=\"sans-serif\" font-size=\"12\">\n");
        svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
        foreach (var tick in Ticks(low, high))
        {
            svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{Left} {Y(tick):F1}H{Width - Right}\" stroke=\"#dddddd\"/><text x=\"{Left - 8}\" y=\"{Y(tick) + 4:F1}\" text-anchor=\"end\" fill=\"#444444\">{Math.Pow(10, tick):G2}</text>\n");
        }

        foreach (var share in (double[])[0, 0.25, 0.5, 0.75, 1])
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(share * last):F1}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\" fill=\"#444444\">{Math.Round(share * last):F0}</text>\n");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 6}\" text-anchor=\"middle\" fill=\"#444444\">update</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"16\" fill=\"#444444\">loss: <tspan fill=\"#1f5fa8\">training, smoothed</tspan>{(validations.Count > 0 ? ", <tspan fill=\"#b3420e\">validation</tspan>" : string.Empty)}</text>\n");
        Line(updates, "#1f5fa8", "stroke-width=\"1\" opacity=\"0.3\"");
        Line(Smoothed(updates), "#1f5fa8", "stroke-width=\"2\"");
        Line(validations, "#b3420e", "stroke-width=\"2\"");
        foreach (var (step, loss) in validations)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{X(step):F1}\" cy=\"{Y(Math.Log10(loss)):F1}\" r=\"3.5\" fill=\"#b3420e\"/>\n");
        }

        return svg.Append("</svg>\n").ToString();

        double X(double step) => Left + ((Width - Left - Right) * step / last);

        double Y(double logarithm) => Height - Bottom - ((Height - Top - Bottom) * (logarithm - low) / (high - low));

        void Line(IReadOnlyList<(double Step, double Loss)> points, string colour, string style)
        {
            if (points.Count > 1)
            {
                var path = string.Join(' ', points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{X(point.Step):F1},{Y(Math.Log10(point.Loss)):F1}")));
                svg.Append(CultureInfo.InvariantCulture, $"<polyline points=\"{path}\" fill=\"none\" stroke=\"{colour}\" {style}/>\n");
            }
        }
    }

    // 1, 2 and 5 times powers of ten where these are few, else powers of ten alone.
    private static IEnumerable<double> Ticks(double low, double high)
    {
        double[] steps = high - low < 2.5 ? [0, Math.Log10(2), Math.Log10(5)] : [0];
        return Enumerable.Range((int)Math.Floor(low), (int)Math.Ceiling(high) - (int)Math.Floor(low) + 1)
            .SelectMany(power => steps.Select(step => power + step)).Where(tick => tick >= low - 1e-9 && tick <= high + 1e-9);
    }

    private static List<(double Step, double Loss)> Smoothed(IReadOnlyList<(double Step, double Loss)> points)
    {
        var (smoothed, sum, weight) = (new List<(double, double)>(), 0.0, 0.0);
        foreach (var (step, loss) in points)
        {
            (sum, weight) = ((Kept * sum) + ((1 - Kept) * loss), (Kept * weight) + (1 - Kept));
            smoothed.Add((step, sum / weight));
        }

        return smoothed;
    }
}
