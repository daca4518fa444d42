using System.Globalization;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>A row for every layer, pooling and head, sortable by every column.</summary>
internal static class LayersSection
{
    public static void Write(HtmlWriter html, ReportContent content)
    {
        var (study, hasTest) = (content.Study, content.Study.TestImages > 0);
        html.Element(
            "p",
            "Accuracies are cross-validated at the C that is best on the same folds, for every layer alike. p is McNemar's exact test against the best layer"
            + (study.Budget.Limits ? $" within the budget ({study.Budget.ToText()})" : string.Empty)
            + (hasTest ? "; the test part decided nothing" : string.Empty)
            + $". Cost is a share of the network's multiply-accumulates, ms the time of an image alone and in a batch of {CutCost.BatchSize}, MB backbone and head, "
            + "numbers the length of a code, field the pixels along a side that a position of the layer sees.");
        html.Element("p", Concatenation.Sentence(study.Concatenations, study.Budget));
        if (content.JoinedCommand is { } joined)
        {
            HeadlineSection.Command(html, joined);
        }

        html.Element("p", study.Guesses.Sentence);
        using var region = html.Tag("div", ("class", "scroll"), ("role", "region"), ("tabindex", "0"), ("aria-label", "Table of all layers"));
        using var table = html.Tag("table", ("class", "layers sortable"));
        string[] titles =
        [
            "layer", "alias", "pooling", "head", "cross-validated", "95 %", "p", .. hasTest ? (string[])["test"] : [],
            "cost %", "ms", $"ms of {CutCost.BatchSize}", "MB", "numbers", "field", "C", "LogME", "H-score",
        ];
        using (html.Tag("thead"))
        using (html.Tag("tr"))
        {
            for (var i = 0; i < titles.Length; i++)
            {
                using (html.Tag("th", ("scope", "col"), ("aria-sort", i == 0 ? "ascending" : "none")))
                {
                    html.Element("button", titles[i], ("type", "button"));
                }
            }
        }

        using var body = html.Tag("tbody");
        for (var i = 0; i < study.Scores.Count; i++)
        {
            Row(html, study.Scores[i], i, study.Recommended, hasTest);
        }
    }

    private static void Row(HtmlWriter html, LayerScore score, int order, LayerChoice<LayerScore> recommended, bool hasTest)
    {
        var (isChosen, isBest) = (score == recommended.Chosen, score == recommended.Best);
        html.Line();
        using var row = html.Tag("tr", ("class", isChosen ? "chosen" : isBest ? "best" : null));
        var point = score.Tap.Point;
        using (html.Tag("th", ("scope", "row"), ("data-value", order.ToString(CultureInfo.InvariantCulture))))
        {
            html.Text(point.Name);
            if (isChosen || isBest)
            {
                html.Element("span", isChosen ? "recommended" : "best", ("class", "badge"));
            }
        }

        html.Element("td", string.Join(", ", point.Aliases));
        html.Element("td", score.Tap.Pooling.ToText());
        html.Element("td", score.Loss.ToText());
        Cell(html, Wording.Percent(score.CrossValidated.Accuracy) + (score.Converged ? string.Empty : " (not converged)"), score.CrossValidated.Accuracy);
        var (low, high) = (score.CrossValidated.Interval.Low, score.CrossValidated.Interval.High);
        Cell(html, $"{Wording.Number(100 * low)}\u2013{Wording.Number(100 * high)}", low);
        var pValue = Recommendation.PValueOf(score, recommended.Best);
        Cell(html, isBest ? "best" : Wording.PValue(pValue), isBest ? 2 : pValue);
        if (hasTest)
        {
            Cell(html, score.Test is { } test ? Wording.Percent(test.Accuracy) : "-", score.Test?.Accuracy ?? -1);
        }

        Cell(html, Wording.Number(point.CostPercent), point.CostPercent);
        Cell(html, Wording.Number(score.Cost.MillisecondsAlone), score.Cost.MillisecondsAlone);
        Cell(html, Wording.Number(score.Cost.MillisecondsInBatch), score.Cost.MillisecondsInBatch);
        Cell(html, ShortNumber.Of(score.Bytes / 1e6), score.Bytes);
        Cell(html, Wording.Count(score.Tap.Width), score.Tap.Width);
        Cell(html, point.ReceptiveField is { } field ? Wording.Count(field) : "all", point.ReceptiveField ?? double.MaxValue);
        Cell(html, score.C.ToString("G3", CultureInfo.InvariantCulture), score.C);
        Guess(html, score.LogMe);
        Guess(html, score.HScore);
    }

    private static void Guess(HtmlWriter html, double? value) =>
        Cell(html, value is { } guess ? Wording.Number(guess, 3) : "-", value ?? double.MinValue);

    private static void Cell(HtmlWriter html, string text, double value) =>
        html.Element("td", text, ("class", "number"), ("data-value", value.ToString("R", CultureInfo.InvariantCulture)));
}
