using System.Globalization;
using System.Text;
using OnnxTransfer.Bench.Extraction;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Bench.Layers;

/// <summary>The results in Markdown.</summary>
internal static class Tables
{
    public static string Of(BenchOptions options, StudySide study, IReadOnlyList<ScriptPiece> pieces)
    {
        var text = new StringBuilder();
        var heads = options.Narrow ? "average-pooled, softmax heads" : "three poolings (avg, max, grid2), softmax and svm heads, as `layers` does by default";
        text.AppendLine(options.Narrow ? "# A study of layers: softmax heads on average-pooled codes alone" : "# A study of layers").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{options.Set}: {study.TrainImages:N0} images to learn from and {study.TestImages:N0} to test with, at 224 x 224; ResNet-18, {study.Layers.Count} taps, {heads}, C by 5 folds. {Machine.Processor()}, {study.Processors} of {Environment.ProcessorCount} processors for each side, .NET {Environment.Version}, ONNX Runtime {Runtime.Version}, {DateTime.UtcNow:yyyy-MM-dd}.").AppendLine();
        text.AppendLine("| | s |").AppendLine("|---|---|");
        text.AppendLine(CultureInfo.InvariantCulture, $"| one plain extraction, at {study.Layers[^1]} | {study.Plain:F1} |");
        foreach (var (stage, seconds) in study.Stages)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| the study: {stage} | {seconds:F1} |");
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"| the study as a whole | {study.Whole:F1} |").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"The study without its heads takes {(study.Whole - study.HeadSeconds) / study.Plain:F2} x the plain extraction, and as a whole {study.Whole / (study.Plain + study.HeadSeconds):F2} x the plain extraction and the heads.");
        if (pieces.Count > 0)
        {
            AddScript(text, options, study, pieces);
        }

        return text.ToString();
    }

    private static void AddScript(StringBuilder text, BenchOptions options, StudySide study, IReadOnlyList<ScriptPiece> pieces)
    {
        (Pooling Pooling, HeadLoss Loss)[] columns = [.. options.Poolings.SelectMany(pooling => options.Losses.Select(loss => (pooling, loss)))];
        var searches = pieces.Where(static piece => piece.Search is not null).Select(static piece => piece.Search!).ToList();
        text.AppendLine().AppendLine("## Beside the obvious script").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"An extraction for each layer (ours, all its poolings at once), then for each pooling and head a `GridSearchCV` of `StandardScaler` and `LogisticRegression` as they come{(options.Narrow ? string.Empty : ", and of `StandardScaler` and `LinearSVC(dual=False)`")}, 5 folds, on the {Script.HalfDecades} C that our grid has for standardised codes, in {study.Processors} processes; {searches.FirstOrDefault()?.Versions}. Ours stops where a higher C brings no more. {FoldsRun(options)}Seconds of the extraction and of each search, the deepest layer first; - was not done within {options.Limit:F0} s, in which several layers ran at a time where there are processors for it. Accuracies are cross-validated, of the best of those that the script did, and ours of the same.").AppendLine();
        text.AppendLine($"| layer | extraction | {string.Join(" | ", columns.Select(static column => $"{column.Pooling.ToText()}, {column.Loss.ToText()}"))} | best, % | ours, % |");
        text.AppendLine($"|{string.Concat(Enumerable.Repeat("---|", columns.Length + 4))}");
        foreach (var layer in study.Layers.Reverse().Where(layer => pieces.Any(piece => piece.Layer == layer && piece.Extraction > 0)))
        {
            HeadResult[] found = [.. searches.Where(search => search.Layer == layer)];
            HeadResult[] ours = [.. study.Heads.Where(head => found.Any(search => IsSame(head, search)))];
            var cells = columns.Select(column => found.FirstOrDefault(search => (search.Pooling, search.Loss) == column) is { } search ? Plain(search.Seconds) : "-");
            text.AppendLine($"| {layer} | {Plain(pieces.First(piece => piece.Layer == layer).Extraction)} | {string.Join(" | ", cells)} | {Best(found)} | {Best(ours)} |");
        }

        var done = pieces.Where(static piece => piece.Stopped == 0).ToList();
        var (sum, stopped) = (done.Sum(static piece => piece.Extraction + (piece.Search?.Seconds ?? 0)), pieces.Sum(static piece => piece.Stopped));
        var (parts, whole) = (done.Count, study.Layers.Count * (columns.Length + 1));
        text.AppendLine().AppendLine(parts == whole
            ? string.Create(CultureInfo.InvariantCulture, $"All layers: {sum:N0} s, {sum / study.Whole:F1} x the study.")
            : string.Create(CultureInfo.InvariantCulture, $"These {parts} of the script's {whole} extractions and searches took {sum:N0} s, and {(pieces.Count - parts == 1 ? "one that was" : $"{pieces.Count - parts} that were")} stopped had run for {stopped:N0} s: {(sum + stopped) / study.Whole:F1} x the study of all {study.Layers.Count} layers, and a lower bound of what the whole script takes."));
    }

    private static string FoldsRun(BenchOptions options) => options.Folds == Script.Folds
        ? string.Empty
        : $"**Of the {Script.Folds} folds of each search {options.Folds} ran**, and the seconds of all reckoned from them: fitting and scoring alone, shared out evenly between the processes, without their start and the head on all codes at the end. ";

    private static bool IsSame(HeadResult head, HeadResult other) => (head.Layer, head.Pooling, head.Loss) == (other.Layer, other.Pooling, other.Loss);

    private static string Plain(double seconds) => seconds.ToString("F1", CultureInfo.InvariantCulture);

    private static string Best(HeadResult[] heads) => heads.Length == 0 ? "-" : Plain(100 * heads.Max(static head => head.Accuracy));
}
