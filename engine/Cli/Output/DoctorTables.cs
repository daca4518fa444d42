using System.Globalization;
using OnnxTransfer.Study;
using Spectre.Console;

namespace OnnxTransfer.Cli.Output;

/// <summary>What the doctor found, for people: a sentence for each kind, and the first of it in a table.</summary>
internal static class DoctorTables
{
    private const int Most = 10;

    public static void Print(Report report, DoctorReport found)
    {
        var across = found.Duplicates.Count(static pair => pair.AcrossParts);
        Section(
            report, found.Labels.Count == 0
                ? "Labels: no class has two images, so none could be judged."
                : $"Doubtful labels: {found.SuspectLabels} of {Sentences.Images(found.Labels.Count)} {(found.SuspectLabels == 1 ? "is" : "are")} worth a look.",
            found.Labels.Take(found.SuspectLabels), ["image", "label", "rather", "margin"],
            static of => [of.Image, of.Label, of.Suggested, Number(of.Margin, "0.0")]);
        Section(
            report, $"Near-duplicates: {Pairs(found.Duplicates.Count)}" + (across > 0 ? $", {across} between images to learn from and images to test with." : "."),
            found.Duplicates, ["image", "other", "alike", "mirrored", "across parts", "labels"],
            static of => [of.Image, of.Other, Number(of.Similarity, "0.000"), of.Mirrored ? "yes" : "-", of.AcrossParts ? "YES" : "-", of.SameLabel ? "same" : "DIFFER"]);
        Section(
            report, $"Classes that overlap: {Pairs(found.Overlaps.Count)} {(found.Overlaps.Count == 1 ? "is" : "are")} taken for each other.",
            found.Overlaps, ["class", "class", "first as second", "second as first", "% of both"],
            static of => [of.First, of.Second, Number(of.FirstAsSecond, "0"), Number(of.SecondAsFirst, "0"), Number(100 * of.Share, "0.0")]);
        Section(
            report, $"Strange images: {found.Strangers.Count}.",
            found.Strangers, ["image", "label", "nearest", "distance"],
            static of => [of.Image, of.Label, of.Nearest, Number(of.Distance, "0.00")]);
    }

    private static string Pairs(int count) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? "pair" : "pairs")}");

    private static void Section<T>(Report report, string sentence, IEnumerable<T> items, string[] columns, Func<T, string[]> cells)
    {
        report.Line();
        report.Line(sentence);
        var shown = items.Take(Most + 1).ToList();
        if (shown.Count == 0)
        {
            return;
        }

        var table = EvaluationTables.Table(columns);
        foreach (var item in shown.Take(Most))
        {
            table.AddRow([.. cells(item).Select(static cell => new Text(cell))]);
        }

        report.People.Write(table);
        if (shown.Count > Most)
        {
            report.Line("  ... and more in findings.csv");
        }
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
