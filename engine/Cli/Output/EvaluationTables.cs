using System.Globalization;
using OnnxTransfer.Heads;
using Spectre.Console;

namespace OnnxTransfer.Cli.Output;

/// <summary>An evaluation for people: the accuracy, a row per class, the confusion matrix.</summary>
internal static class EvaluationTables
{
    /// <summary>Above this many classes the matrix is told by its largest entries.</summary>
    private const int MostColumns = 20;

    private const int MostConfusions = 15;

    /// <summary>"96.7 % (93.6-98.3)": a share with its 95 % interval.</summary>
    public static string Percent(double share, Interval interval) =>
        string.Create(CultureInfo.InvariantCulture, $"{100 * share:F1} % ({100 * interval.Low:F1}-{100 * interval.High:F1})");

    public static void Print(Report report, string what, Evaluation evaluation)
    {
        report.People.Write(new Text($"{what} {Percent(evaluation.Accuracy, evaluation.AccuracyInterval)}, with the 95 % interval{Environment.NewLine}", new Style(decoration: Decoration.Bold)));
        report.Line(Metrics(evaluation));
        PerClass(report, evaluation);
        report.Line();
        if (evaluation.Labels.Count <= MostColumns)
        {
            Matrix(report, evaluation);
        }
        else
        {
            Largest(report, evaluation);
        }
    }

    private static string Metrics(Evaluation evaluation)
    {
        static string Share(string name, MetricEstimate of) => $"{name} {Percent(of.Value, of.Interval)}";
        string?[] told =
        [
            Share("balanced accuracy", evaluation.BalancedAccuracy),
            Share("macro-F1", evaluation.MacroF1),
            evaluation.LogLoss is { } loss
                ? string.Create(CultureInfo.InvariantCulture, $"log-loss {loss.Value:F3} ({loss.Interval.Low:F3}-{loss.Interval.High:F3})")
                : null,
            evaluation.CalibrationError is { } error ? Share("calibration error", error) : null,
        ];
        return string.Join(", ", told.OfType<string>());
    }

    private static void PerClass(Report report, Evaluation evaluation)
    {
        var table = Table("class", "images", "right", "accuracy (95 % interval)");
        foreach (var item in evaluation.PerClass)
        {
            table.AddRow(
                new Text(item.Label),
                Number(item.Images),
                Number(item.Correct),
                new Text(item.Images == 0 ? "no test image" : Percent(item.Accuracy, item.Interval)));
        }

        report.People.Write(table);
    }

    private static void Matrix(Report report, Evaluation evaluation)
    {
        report.Line("Confusion (row: truth, column: prediction)");
        var names = evaluation.Labels.Select((_, i) => (i + 1).ToString(CultureInfo.InvariantCulture)).ToArray();
        var table = Table(["truth", .. names]);
        for (var row = 0; row < evaluation.Labels.Count; row++)
        {
            var counts = evaluation.Confusion[row].Select((count, column) => new Text(
                count == 0 ? "." : count.ToString(CultureInfo.InvariantCulture),
                new Style(row == column ? Color.Green : count > 0 ? Color.Red : Color.Grey)).RightJustified());
            table.AddRow([new Text($"{names[row]} {evaluation.Labels[row]}"), .. counts]);
        }

        report.People.Write(table);
    }

    private static void Largest(Report report, Evaluation evaluation)
    {
        var confusions = evaluation.Confusion
            .SelectMany((row, truth) => row.Select((count, prediction) => (Count: count, Truth: truth, Prediction: prediction)))
            .Where(entry => entry.Count > 0 && entry.Truth != entry.Prediction)
            .OrderByDescending(entry => entry.Count)
            .ThenBy(entry => entry.Truth)
            .ThenBy(entry => entry.Prediction)
            .Take(MostConfusions)
            .ToList();
        if (confusions.Count == 0)
        {
            return;
        }

        report.Line("The most frequent confusions (the whole matrix: --json)");
        var table = Table("images", "truth", "taken for");
        foreach (var entry in confusions)
        {
            table.AddRow(Number(entry.Count), new Text(evaluation.Labels[entry.Truth]), new Text(evaluation.Labels[entry.Prediction]));
        }

        report.People.Write(table);
    }

    /// <summary>A plain table: names to the left, numbers to the right.</summary>
    public static Table Table(params string[] columns)
    {
        var table = new Table().Border(TableBorder.Simple);
        for (var i = 0; i < columns.Length; i++)
        {
            table.AddColumn(new TableColumn(new Text(columns[i])) { NoWrap = true });
        }

        return table;
    }

    public static Text Number(long value) => new Text(value.ToString("N0", CultureInfo.InvariantCulture)).RightJustified();
}
