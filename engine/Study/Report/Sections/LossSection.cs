using System.Globalization;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>The loss of a training on a logarithmic scale, the accuracy of its epochs, and its learning rate.</summary>
internal static class LossSection
{
    private const int MostPoints = 300;
    private const double Kept = 0.9;
    private const double LeastLoss = 1e-9;

    private static readonly (string Shape, string Colour) Training = (Shapes.Path(0), Shapes.Colour(0));
    private static readonly (string Shape, string Colour) Validation = (Shapes.Path(1), Shapes.Colour(1));

    public static void Write(HtmlWriter html, TrainingContent content)
    {
        var line = Smoothed(content.Updates);
        if (line.Length == 0)
        {
            html.Element("p", "No update had a finite loss, so there is nothing to plot.");
            return;
        }

        using var pair = html.Tag("div", ("class", "pair"));
        Figure(
            html, Loss(content, line),
            $"Loss, on a logarithmic scale. The line is the training loss, smoothed over updates; marks are means of epochs{(HasValidation(content) ? ", and the ringed one was kept" : string.Empty)}.",
            HasValidation(content) ? [(Training, "training"), (Validation, "validation")] : [(Training, "training")]);
        if (HasValidation(content))
        {
            Figure(html, Accuracy(content), "Accuracy on the validation part at the start and after each epoch, by which the weights that were kept were chosen. Bars are 95 % intervals.", [(Validation, "validation")]);
        }

        Figure(html, Rate(content), "Learning rate of each update: that of the new classifier.", []);
    }

    private static Plot Loss(TrainingContent content, (long Update, double Loss)[] line)
    {
        var training = Points(content, static epoch => epoch.Loss, "training loss");
        var validation = Points(content, static epoch => epoch.ValidationLoss, "validation loss");
        return new Plot
        {
            Label = $"Loss by update: the smoothed training loss goes from {Short(line[0].Loss)} to {Short(line[^1].Loss)}",
            XTitle = "update",
            YTitle = "loss",
            X = Across(content),
            Y = Axis.Of(line.Select(static point => Logarithm(point.Loss)).Concat(training.Concat(validation).Select(static point => point.Y)), -9, 9),
            YTick = static tick => Short(Math.Pow(10, tick)),
            Series =
            [
                new PlotSeries(string.Empty, Training.Colour, Training.Shape, [.. line.Select(static point => Bare(point.Update, Logarithm(point.Loss)))], IsJoined: true, IsHidden: false) { HasMarks = false },
                new PlotSeries(string.Empty, Training.Colour, Training.Shape, training, IsJoined: false, IsHidden: false),
                new PlotSeries(string.Empty, Validation.Colour, Validation.Shape, validation, IsJoined: true, IsHidden: false),
            ],
        };
    }

    private static Plot Accuracy(TrainingContent content)
    {
        PlotPoint[] points =
        [
            .. Marks(content).Where(static epoch => epoch.ValidationAccuracy is not null).Select(epoch =>
            {
                var share = epoch.ValidationAccuracy!.Value;
                var interval = Interval.Wilson((int)Math.Round(share * content.ValidationImages), content.ValidationImages);
                return new PlotPoint(epoch.Update, share, interval.Low, interval.High, $"{Name(epoch)}\n{Wording.Percent(share)} ({Wording.Percents(interval)})")
                {
                    IsRinged = epoch.Epoch == content.BestEpoch, Note = epoch.Epoch == content.BestEpoch ? "kept" : null,
                };
            }),
        ];
        return new Plot
        {
            Label = "Accuracy on the validation part by update",
            XTitle = "update",
            YTitle = "validation accuracy, %",
            X = Across(content),
            Y = Axis.Of(points.SelectMany(static point => new[] { point.Low, point.High }), 0, 1),
            Series = [new PlotSeries(string.Empty, Validation.Colour, Validation.Shape, points, IsJoined: true, IsHidden: false)],
        };
    }

    private static Plot Rate(TrainingContent content)
    {
        var rates = Thinned([.. content.Updates.Select(static update => (update.Update, update.Rate))]);
        var highest = content.Updates.Max(static update => update.Rate);
        var power = highest > 0 ? (int)Math.Floor(Math.Log10(highest)) : 0;
        return new Plot
        {
            Label = $"Learning rate by update: at most {Short(highest)}, {Short(content.Updates[^1].Rate)} at the end",
            XTitle = "update",
            YTitle = power == 0 ? "learning rate" : $"learning rate, times 10{Superscript(power)}",
            X = Across(content),
            Y = Axis.Of([0, highest], 0, double.MaxValue),
            YTick = tick => Short(tick / Math.Pow(10, power)),
            Series = [new PlotSeries(string.Empty, Shapes.Colour(2), Shapes.Path(2), [.. rates.Select(static point => Bare(point.Item1, point.Item2))], IsJoined: true, IsHidden: false) { HasMarks = false }],
        };
    }

    private static void Figure(HtmlWriter html, Plot plot, string caption, ((string Shape, string Colour) Mark, string Name)[] legend)
    {
        using var figure = html.Tag("figure", ("class", "chart"));
        html.Element("figcaption", caption);
        plot.Write(html);
        if (legend.Length > 1)
        {
            using var list = html.Tag("div", ("class", "toggles"));
            foreach (var (mark, name) in legend)
            {
                using var entry = html.Tag("span");
                Shapes.Swatch(html, mark.Shape, mark.Colour);
                html.Text(" " + name);
            }
        }
    }

    private static PlotPoint[] Points(TrainingContent content, Func<TrainedEpoch, double?> value, string what) =>
    [
        .. Marks(content).Where(epoch => value(epoch) is not null).Select(epoch => Bare(epoch.Update, Logarithm(value(epoch)!.Value)) with
        {
            Label = $"{Name(epoch)}\n{what} {Wording.Number(value(epoch)!.Value, 4)}",
            IsRinged = epoch.Epoch == content.BestEpoch,
        }),
    ];

    private static IEnumerable<TrainedEpoch> Marks(TrainingContent content) => content.Start is { } start ? content.Epochs.Prepend(start) : content.Epochs;

    private static string Name(TrainedEpoch epoch) => epoch.Epoch == 0 ? "start" : $"epoch {epoch.Epoch}";

    private static PlotPoint Bare(double x, double y) => new(x, y, y, y, string.Empty) { HasWhisker = false };

    /// <summary>The exponential mean of the losses, whose weights begin small, of at most so many updates.</summary>
    private static (long Update, double Loss)[] Smoothed(IReadOnlyList<TrainedUpdate> updates)
    {
        var (sum, weight) = (0.0, 0.0);
        var points = new List<(long, double)>();
        foreach (var update in updates.Where(static update => update.Loss is not null))
        {
            (sum, weight) = ((Kept * sum) + ((1 - Kept) * update.Loss!.Value), (Kept * weight) + (1 - Kept));
            points.Add((update.Update, sum / weight));
        }

        return Thinned(points);
    }

    private static (long, double)[] Thinned(List<(long, double)> points) => points.Count <= MostPoints
        ? [.. points]
        : [.. Enumerable.Range(0, MostPoints).Select(i => points[(int)((long)i * (points.Count - 1) / (MostPoints - 1))])];

    private static bool HasValidation(TrainingContent content) => content.Epochs.Any(static epoch => epoch.ValidationAccuracy is not null);

    private static Axis Across(TrainingContent content) => Axis.Of([0, content.Updates[^1].Update], 0, double.MaxValue);

    private static double Logarithm(double loss) => Math.Log10(Math.Max(loss, LeastLoss));

    private static string Superscript(int power) => string.Concat(power.ToString(CultureInfo.InvariantCulture).Select(static sign => sign == '-' ? '⁻' : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign - '0']));

    private static string Short(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}
