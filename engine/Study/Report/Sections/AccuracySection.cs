using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>Accuracy against depth, and against milliseconds with its Pareto front.</summary>
internal static class AccuracySection
{
    public static void Write(HtmlWriter html, ReportContent content)
    {
        var study = content.Study;
        if (study.Scores.Select(static score => score.Tap.Point.Name).Distinct().Count() < 2)
        {
            html.Element("p", "Only one layer was studied, so there is nothing to plot; name more with --taps.");
            return;
        }

        using (html.Tag("div", ("class", "pair")))
        {
            Figure(html, "depth", Depth(study), study, study.Recommended.Chosen.Loss, "Accuracy against depth. How much of the network's work is done up to the layer, and what a linear head makes of its codes. Bars are 95 % intervals.");
            Figure(html, "time", Time(study), study, null, "Accuracy against time. The line is the Pareto front: the layers on it are beaten by none that is as fast. Bars, of those alone, are 95 % intervals.");
        }
    }

    /// <summary>The layers than which none is as fast and better, from fast to slow.</summary>
    internal static IReadOnlyList<LayerScore> Front(IEnumerable<LayerScore> scores)
    {
        var front = new List<LayerScore>();
        foreach (var score in scores.OrderBy(static score => score.Cost.MillisecondsAlone).ThenByDescending(static score => score.CrossValidated.Accuracy))
        {
            if (front.Count == 0 || score.CrossValidated.Accuracy > front[^1].CrossValidated.Accuracy)
            {
                front.Add(score);
            }
        }

        return front;
    }

    private static Plot Depth(LayerReport study) => new()
    {
        Label = "Cross-validated accuracy of every layer against its share of the network's multiply-accumulates",
        XTitle = "share of the network, %",
        YTitle = "cross-validated accuracy, %",
        X = new Axis(0, 100, 20),
        Y = Accuracies(study.Scores),
        Series = Series(study, static score => score.Tap.Point.CostPercent, score => score.Loss != study.Recommended.Chosen.Loss, isJoined: true, static _ => true),
        Places =
        [
            .. study.Scores.Select(static score => score.Tap.Point).DistinctBy(static point => point.Name)
                .SelectMany(static point => point.Aliases.Where(static alias => alias.StartsWith("stage", StringComparison.Ordinal)).Select(alias => (point.CostPercent, alias))),
        ],
    };

    private static Plot Time(LayerReport study)
    {
        var front = Front(study.Scores);
        return new Plot
        {
            Label = "Cross-validated accuracy of every layer against milliseconds for an image alone, with the Pareto front",
            XTitle = "ms for an image alone",
            YTitle = "cross-validated accuracy, %",
            X = Axis.Of(study.Scores.Select(static score => score.Cost.MillisecondsAlone).Append(0), 0, double.MaxValue),
            Y = Accuracies(study.Scores),
            Series = Series(study, static score => score.Cost.MillisecondsAlone, static _ => false, isJoined: false, front.Contains),
            Steps = [.. front.Select(static score => (score.Cost.MillisecondsAlone, score.CrossValidated.Accuracy))],
            StepKeys = string.Join(' ', front.SelectMany(static score => new[] { score.Tap.Pooling.ToText(), score.Loss.ToText() }).Distinct()),
        };
    }

    private static Axis Accuracies(IReadOnlyList<LayerScore> scores) =>
        Axis.Of(scores.SelectMany(static score => new[] { score.CrossValidated.Interval.Low, score.CrossValidated.Interval.High }), 0, 1);

    private static List<PlotSeries> Series(
        LayerReport study, Func<LayerScore, double> across, Func<LayerScore, bool> isHidden, bool isJoined, Func<LayerScore, bool> hasWhisker)
    {
        var (poolings, losses) = (Poolings(study), Losses(study));
        var (chosen, best, _, _) = study.Recommended;
        return
        [
            .. study.Scores.GroupBy(static score => (score.Tap.Pooling, score.Loss)).OrderBy(group => group.Contains(chosen)).Select(group => new PlotSeries(
                $"{group.Key.Pooling.ToText()} {group.Key.Loss.ToText()}",
                Shapes.Colour(poolings.IndexOf(group.Key.Pooling)),
                Shapes.Path(losses.IndexOf(group.Key.Loss)),
                [
                    .. group.OrderBy(across).Select(score => new PlotPoint(
                        across(score), score.CrossValidated.Accuracy, score.CrossValidated.Interval.Low, score.CrossValidated.Interval.High, Wording.Tooltip(score))
                    {
                        HasWhisker = hasWhisker(score),
                        IsRinged = score == chosen || score == best,
                        Note = score == chosen ? "recommended" : null,
                    }),
                ],
                isJoined,
                isHidden(group.First()))),
        ];
    }

    private static List<Pooling> Poolings(LayerReport study) => [.. study.Scores.Select(static score => score.Tap.Pooling).Distinct()];

    private static List<HeadLoss> Losses(LayerReport study) => [.. study.Scores.Select(static score => score.Loss).Distinct()];

    private static void Figure(HtmlWriter html, string id, Plot plot, LayerReport study, HeadLoss? only, string caption)
    {
        using var figure = html.Tag("figure", ("class", "chart"));
        html.Element("figcaption", caption);
        plot.Write(html);
        using var toggles = html.Tag("div", ("class", "toggles"), ("hidden", ""));
        Toggles(html, $"{id}-pooling", "Pooling", Poolings(study).Select(static (pooling, k) => (pooling.ToText(), Shapes.Path(0), Shapes.Colour(k), true)));
        Toggles(html, $"{id}-head", "Head", Losses(study).Select((loss, k) => (loss.ToText(), Shapes.Path(k), "ink", only is null || loss == only)));
    }

    private static void Toggles(HtmlWriter html, string id, string legend, IEnumerable<(string Key, string Shape, string Colour, bool IsOn)> toggles)
    {
        using var set = html.Tag("fieldset");
        html.Element("legend", legend);
        foreach (var (key, shape, colour, isOn) in toggles)
        {
            using var label = html.Tag("label");
            html.Void("input", ("type", "checkbox"), ("id", $"{id}-{key}"), ("value", key), ("checked", isOn ? "" : null));
            Shapes.Swatch(html, shape, colour);
            html.Text(key);
        }
    }
}
