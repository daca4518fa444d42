using System.CommandLine;
using System.Globalization;
using OnnxTransfer.Engine;
using OnnxTransfer.FineTuning;
using OnnxTransfer.Heads;
using OnnxTransfer.Study;

namespace OnnxTransfer.Cli.Output;

/// <summary>Sentences that several commands print.</summary>
internal static class Sentences
{
    private const int MostSkipped = 10;

    public static string Images(int count) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? "image" : "images")}");

    public static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:F1} s");

    /// <summary>A word as a shell takes it: in single quotes where it has more than plain characters.</summary>
    public static string Word(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || "/._-+=:,@".Contains(c, StringComparison.Ordinal))
        ? text
        : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>The command line, for a shell.</summary>
    public static string CommandLine(ParseResult parsed) => string.Join(' ', parsed.Tokens.Select(static token => Word(token.Value)).Prepend("onnxtransfer"));

    /// <summary>Where codes are read.</summary>
    public static string Places(JoinedTaps taps) => string.Join(" joined with ", taps.Taps.Select(static tap => $"{tap.Point.Name} ({tap.Pooling.ToText()})"));

    /// <summary>What a fine-tuning learned, and what came before it.</summary>
    public static string Learned(FineTuneReport tuned, Backbone backbone) => string.Create(
        CultureInfo.InvariantCulture,
        $"{backbone.Model.Name} with a head at {tuned.Tap.Point.Name}: {tuned.Learned:N0} numbers were learned")
        + (tuned.Border is [] ? "." : $", after {string.Join(" and ", tuned.Border)}; what comes before was run {(tuned.IsCached ? "once for each image" : "for each batch")}.");

    /// <summary>The time of each stage.</summary>
    public static void Print(this Report report, IReadOnlyList<StageTime> stages) =>
        report.Line("Time: " + string.Join(", ", stages.Select(stage => $"{stage.Stage} {Seconds(stage.Seconds)}")));

    /// <summary>Where a model went, and how to try it.</summary>
    public static void PrintModel(this Report report, string output) =>
        report.Line($"Model: {output} ({ShortNumber.Of(new FileInfo(output).Length / 1e6)} MB). Try it: onnxtransfer predict {Word(output)} PHOTO");

    /// <summary>How near the cut, optimised network is to the full one.</summary>
    public static void Print(this Report report, CutProof? proof)
    {
        if (proof is not null)
        {
            report.Line(string.Create(
                CultureInfo.InvariantCulture,
                $"Proof of the cut: at most {proof.LargestDifference:0.0e-0} of the largest code from the {(proof.FullGraph ? "full" : "cut")}, unoptimised network (allowed {proof.Tolerance:0e-0})"));
        }
    }

    /// <summary>Notes on the set, then the images that were left out.</summary>
    public static void Print(this Report report, IReadOnlyList<string> notes, IReadOnlyList<SkippedImage> skipped)
    {
        foreach (var note in notes)
        {
            report.Note(note);
        }

        if (skipped.Count == 0)
        {
            return;
        }

        report.Note($"Left out {Images(skipped.Count)} that cannot be read:");
        foreach (var image in skipped.Take(MostSkipped))
        {
            report.Line($"  {image.Id}: {image.Reason}");
        }

        if (skipped.Count > MostSkipped)
        {
            report.Line($"  ... and {Images(skipped.Count - MostSkipped)} more");
        }
    }

    /// <summary>What the head is, with its proof; loud where the proof is missing.</summary>
    public static void Print(this Report report, LinearHead head)
    {
        report.Line(string.Create(CultureInfo.InvariantCulture, $"Head: {head.Loss.ToText()}, {head.Labels.Count} {(head.IsMultiLabel ? "labels" : "classes")}, {(head.Normalized ? "codes of length 1, " : string.Empty)}{Solution(head)}"));
        report.Line(head.Calibration switch
        {
            { Temperature: { } temperature } => string.Create(
                CultureInfo.InvariantCulture, $"Probabilities: softmax of the scores divided by {temperature:G4}, fitted to held-out scores"),
            { } => "Probabilities: a sigmoid for each class, fitted to held-out scores",
            null when head.IsMultiLabel => $"Probabilities: the sigmoid of each score{(head.Loss == HeadLoss.Logistic ? string.Empty : ", NOT calibrated")}",
            null when head.Loss == HeadLoss.Softmax => "Probabilities: softmax of the scores",
            null => "Probabilities: softmax of the scores, NOT calibrated",
        });
        if (head.Selection?.Nested is { Evaluation: var nested } estimate)
        {
            report.Line($"Nested cross-validation: accuracy {EvaluationTables.Percent(nested.Accuracy, nested.AccuracyInterval)}"
                + (estimate.Converged ? string.Empty : "; some of its heads did NOT converge to the wanted gap"));
        }

        if (!head.Certificate.Converged)
        {
            report.Note("The head did NOT converge to the wanted gap; its accuracy may be lower than it could be. Use a smaller --c or a larger --gap.");
        }
    }

    private static string Solution(LinearHead head)
    {
        if (head.Loss.IsClosedForm())
        {
            return "in closed form";
        }

        var repeats = head.Selection is { Repeats: > 1 and var count } ? $"{count} times " : string.Empty;
        var chosen = head.Selection is { } selection ? $" (by {repeats}{selection.Folds}-fold cross-validation)" : string.Empty;
        var gap = head.Certificate.RelativeGap;
        var proof = gap < 1
            ? string.Create(CultureInfo.InvariantCulture, $"proved within {gap:0.0e-0} of the optimum")
            : "with no proof that it is near the optimum";
        return string.Create(CultureInfo.InvariantCulture, $"C = {head.C:G6}{chosen}, {proof} in {head.Certificate.Passes} passes");
    }
}
