using System.Globalization;
using OnnxTransfer.Heads;
using OnnxTransfer.Study;
using Spectre.Console;

namespace OnnxTransfer.Cli.Output;

/// <summary>Advice for people: the layers beside the reference, the learning curve, and what follows.</summary>
internal static class AdviceTables
{
    public static void Print(Report report, Advice advice)
    {
        report.People.Write(Layers(advice));
        report.People.Write(Curve(advice));
        var (size, similarity) = (advice.Placement.Size.ToString().ToLowerInvariant(), advice.Placement.Similarity.ToString().ToLowerInvariant());
        report.People.Write(new Text(
            string.Create(CultureInfo.InvariantCulture, $"Advice: {advice.Kind.ToText()} (a {size} set, {similarity}, by what was measured; confidence {advice.Placement.Confidence:F2}){Environment.NewLine}"),
            new Style(decoration: Decoration.Bold)));
        foreach (var sentence in advice.Evidence)
        {
            report.Line("  " + sentence);
        }
    }

    private static Table Layers(Advice advice)
    {
        var table = EvaluationTables.Table("layer", "alias", "cost %", "cross-validated (95 %)", "distance", "strength", "activity", "shift");
        foreach (var score in advice.Study.Scores)
        {
            var style = score == advice.Layer ? new Style(Color.Green, decoration: Decoration.Bold) : Style.Plain;
            var distance = advice.Distances.FirstOrDefault(of => of.Tap == score.Tap.Point.Name);
            Text Number(double? value, string format) => new Text(value?.ToString(format, CultureInfo.InvariantCulture) ?? "-", style).RightJustified();
            table.AddRow(
                new Text(score.Tap.Point.Name, style),
                new Text(score.Tap.Point.Aliases is [var alias, ..] ? alias : string.Empty, style),
                Number(score.Tap.Point.CostPercent, "F1"),
                new Text(EvaluationTables.Percent(score.CrossValidated.Accuracy, score.CrossValidated.Interval), style),
                Number(distance?.Frechet, "F2"),
                Number(distance?.Strength, "F2"),
                Number(distance?.Activity, "F2"),
                Number(distance?.Shift, "F2"));
        }

        return table;
    }

    private static Table Curve(Advice advice)
    {
        var table = EvaluationTables.Table("images", $"accuracy of a head on {advice.Study.Recommended.Best.Tap.Point.Name} (95 %)");
        foreach (var point in advice.Curve)
        {
            table.AddRow(
                EvaluationTables.Number((long)Math.Round(point.Images)),
                new Text(EvaluationTables.Percent(point.Estimate.Evaluation.Accuracy, point.Estimate.Evaluation.AccuracyInterval)));
        }

        return table;
    }
}
