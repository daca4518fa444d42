using System.Globalization;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;
using OnnxTransfer.Study;
using Spectre.Console;

namespace OnnxTransfer.Cli.Output;

/// <summary>A study of layers for people: a row for each layer and pooling with its better head, and what follows from them.</summary>
internal static class LayerTable
{
    public static Table Of(LayerReport study)
    {
        var table = EvaluationTables.Table(
            "layer", "alias", "pooling", "head", "numbers", "field", "cost %", "ms", $"ms of {CutCost.BatchSize}", "MB", "cross-validated (95 %)", "p", "test");
        foreach (var score in Better(study.Scores))
        {
            var (isBest, isChosen) = (score == study.Recommended.Best, score == study.Recommended.Chosen);
            var style = isChosen ? new Style(Color.Green, decoration: Decoration.Bold) : Style.Plain;
            Text Cell(string text) => new(text, style);
            Text Number(double value, string format) => new Text(value.ToString(format, CultureInfo.InvariantCulture), style).RightJustified();
            table.AddRow(
                Cell(score.Tap.Point.Name),
                Cell(score.Tap.Point.Aliases is [var alias, ..] ? alias : string.Empty),
                Cell(score.Tap.Pooling.ToText()),
                Cell(score.Loss.ToText()),
                Number(score.Tap.Width, "N0"),
                score.Tap.Point.ReceptiveField is { } field ? Number(field, "N0") : Cell("all"),
                Number(score.Tap.Point.CostPercent, "F1"),
                Number(score.Cost.MillisecondsAlone, "F1"),
                Number(score.Cost.MillisecondsInBatch, "F1"),
                Cell(ShortNumber.Of(score.Bytes / 1e6)).RightJustified(),
                Cell(EvaluationTables.Percent(score.CrossValidated.Accuracy, score.CrossValidated.Interval)),
                Cell(isBest ? "best" : PValue(Recommendation.PValueOf(score, study.Recommended.Best))),
                Cell(score.Test is { } test ? string.Create(CultureInfo.InvariantCulture, $"{100 * test.Accuracy:F1} %") : "-"));
        }

        return table;
    }

    /// <summary>The layers that a fit chose among.</summary>
    public static Table Of(IReadOnlyList<LayerTrial> layers, LayerChoice<LayerTrial> choice)
    {
        var table = EvaluationTables.Table("layer", "alias", "pooling", "numbers", "cost %", "cross-validated (95 %)", "p");
        foreach (var layer in layers)
        {
            var style = layer == choice.Chosen ? new Style(Color.Green, decoration: Decoration.Bold) : Style.Plain;
            Text Cell(string text) => new(text, style);
            table.AddRow(
                Cell(layer.Tap.Point.Name),
                Cell(layer.Tap.Point.Aliases is [var alias, ..] ? alias : string.Empty),
                Cell(layer.Tap.Pooling.ToText()),
                Cell(layer.Tap.Width.ToString("N0", CultureInfo.InvariantCulture)).RightJustified(),
                Cell(layer.Tap.Point.CostPercent.ToString("F1", CultureInfo.InvariantCulture)).RightJustified(),
                Cell(EvaluationTables.Percent(layer.CrossValidated.Accuracy, layer.CrossValidated.Interval)),
                Cell(layer == choice.Best ? "best" : PValue(Recommendation.PValueOf(layer, choice.Best))));
        }

        return table;
    }

    /// <summary>Why it is the layer of a fit.</summary>
    public static string Verdict(LayerChoice<LayerTrial> choice)
    {
        var (chosen, best, pValue, _) = choice;
        var cheaper = choice.WhyNoneCheaper(static layer => layer.Tap.Key);
        return chosen == best
            ? $"Layer: {chosen.Tap.Key}, the best by cross-validation; {cheaper}."
            : $"Layer: {chosen.Tap.Key}, not significantly worse (p = {PValue(pValue)}) than the best, {best.Tap.Key}; {cheaper}.";
    }

    /// <summary>Why it is the recommended layer.</summary>
    public static string Verdict(LayerReport study)
    {
        var (chosen, best, pValue, _) = study.Recommended;
        static string Accuracy(LayerScore score) => EvaluationTables.Percent(score.CrossValidated.Accuracy, score.CrossValidated.Interval);
        var within = study.Budget.Limits ? $" within the budget ({study.Budget.ToText()})" : string.Empty;
        var cheaper = study.Recommended.WhyNoneCheaper(static score => score.Name);
        var beyond = study.Beyond is { } more ? $" Beyond the budget {more.Name} has {Accuracy(more)}." : string.Empty;
        return chosen == best
            ? $"Recommended: {chosen.Name}, the best{within}, {Accuracy(chosen)}; {cheaper}.{beyond}"
            : $"Recommended: {chosen.Name}, {Accuracy(chosen)}: not significantly worse (p = {PValue(pValue)}) than the best{within}, {best.Name}, {Accuracy(best)}; {cheaper}.{beyond}";
    }

    private static IEnumerable<LayerScore> Better(IReadOnlyList<LayerScore> scores) =>
        scores.GroupBy(static score => score.Tap.Key).Select(static group => group.MaxBy(static score => score.CrossValidated.Accuracy)!);

    private static string PValue(double value) => value < 0.001 ? "< 0.001" : value.ToString("F3", CultureInfo.InvariantCulture);
}
