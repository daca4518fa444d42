// What a study of twelve layers costs, beside one extraction at the deepest of them and the heads, and beside the obvious
// script: an extraction and a scikit-learn grid search for each layer. Writes bench/results/layers.md.
//
// usage: OnnxTransfer.Bench.Layers [SHARED] [SET] [SCRIPT] [PYTHON]
//   SHARED   the folder with data/SET.tar, ../shared by default
//   SET      cifar10small by default: 5,000 images
//   SCRIPT   layers of the script, from the deepest on: all by default, 0 none
//   PYTHON   a Python with NumPy and scikit-learn, /usr/bin/python3 by default
using System.Diagnostics;
using System.Globalization;
using System.Text;
using OnnxTransfer;
using OnnxTransfer.Bench.Extraction;
using OnnxTransfer.Bench.Layers;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;
using OnnxTransfer.Study;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const int Taps = 12;
const int HalfDecades = 13;
var name = args.ElementAtOrDefault(1) ?? "cifar10small";
var tar = Path.Combine(args.ElementAtOrDefault(0) ?? Path.Combine("..", "shared"), "data", name + ".tar");
if (!File.Exists(tar))
{
    Console.Error.WriteLine($"skipped: {tar} is missing; name the folder that has data/{name}.tar");
    return 0;
}

using var photos = new Photos(tar, int.MaxValue);
using var backbone = Backbone.Default();
Tap[] taps = [.. backbone.Taps.Ends.Concat(backbone.Taps.Points).DistinctBy(static point => point.Name)
    .Where(static point => point.Stride is not null).Take(Taps).OrderBy(static point => point.CostPercent).Select(static point => new Tap(point, Pooling.Average))];

// What is compiled and paged in the first time would be counted against whoever comes first.
backbone.Extract(photos.Images.Take(100), taps[^1], photos.NewStore()).Dispose();

var plain = Seconds(() => backbone.Extract(photos.Images, taps[^1], photos.NewStore()).Dispose());
var options = new LayerStudyOptions { Taps = [.. taps.Select(static tap => tap.Point.Name)], Poolings = [Pooling.Average], Losses = [HeadLoss.Softmax] };
LayerReport? study = null;
var whole = Seconds(() => study = LayerStudy.Run(backbone, photos.Images, options));
var heads = study!.Stages.Single(static stage => stage.Stage == "train the heads").Seconds;
var report = new StringBuilder();
report.AppendLine("# A study of layers").AppendLine();
report.AppendLine($"{name}: {study.TrainImages:N0} images to learn from and {study.TestImages:N0} to test with, at 224 x 224; ResNet-18, {taps.Length} taps, average-pooled, softmax heads, C by 5 folds. {Machine.Processor()}, {Environment.ProcessorCount} processors, .NET {Environment.Version}, ONNX Runtime {Runtime.Version}, {DateTime.UtcNow:yyyy-MM-dd}.").AppendLine();
report.AppendLine("| | s |").AppendLine("|---|---|");
report.AppendLine($"| one plain extraction, at {taps[^1].Point.Name} | {plain:F1} |");
foreach (var (stage, seconds) in study.Stages)
{
    report.AppendLine($"| the study: {stage} | {seconds:F1} |");
}

report.AppendLine($"| the study as a whole | {whole:F1} |").AppendLine();
report.AppendLine($"The study without its heads takes {(whole - heads) / plain:F2} x the plain extraction, and as a whole {whole / (plain + heads):F2} x the plain extraction and the heads.").AppendLine();
Console.Write(report);

var count = Math.Min(taps.Length, int.Parse(args.ElementAtOrDefault(2) ?? $"{Taps}"));
if (count > 0)
{
    var (cs, sum, versions) = (new HashSet<double>(), 0.0, string.Empty);
    var rows = new StringBuilder();
    foreach (var tap in taps.Reverse().Take(count))
    {
        var ours = study.Scores.Single(score => score.Tap.Key == tap.Key);
        double[] grid = [.. Grid(tap.Width)];
        var layer = Script.Run(backbone, photos, tap, args.ElementAtOrDefault(3) ?? "/usr/bin/python3", 5, grid);
        (sum, versions) = (sum + layer.Extraction + layer.Search, layer.Versions);
        var row = $"| {tap.Point.Name} | {tap.Width} | {layer.Extraction:F1} | {layer.Search:F1} | {100 * layer.Accuracy:F1} | {100 * ours.CrossValidated.Accuracy:F1} |";
        rows.AppendLine(row);
        Console.WriteLine(row);
    }

    report.AppendLine("## Beside the obvious script").AppendLine();
    report.AppendLine($"An extraction for each layer (ours, one tap), then `GridSearchCV` of `StandardScaler` and `LogisticRegression` as they come, 5 folds, on the {HalfDecades} C that our grid has for standardised codes, in {Environment.ProcessorCount} processes; {versions}, Debian's Python. Ours stops where a higher C brings no more.").AppendLine();
    report.AppendLine("| layer | numbers | extraction, s | grid search, s | cross-validated, % | ours, % |").AppendLine("|---|---|---|---|---|---|").Append(rows).AppendLine();
    report.AppendLine(count == taps.Length
        ? $"All layers: {sum:F0} s, {sum / whole:F1} x the study."
        : $"The {count} deepest layers: {sum:F0} s, {sum / whole:F1} x the study of all {taps.Length}; the others were not run.");
}

Directory.CreateDirectory(Path.Combine("bench", "results"));
WholeFile.WriteText(Path.Combine("bench", "results", "layers.md"), report.ToString());
Console.WriteLine(report);
return 0;

// CGrid's, where the mean squared distance from the mean is the number of columns.
static IEnumerable<double> Grid(int columns) =>
    Enumerable.Range(-3, HalfDecades).Select(half => Math.Pow(10, (Math.Round(-2 * Math.Log10(columns)) + half) / 2));

static double Seconds(Action work)
{
    var start = Stopwatch.GetTimestamp();
    work();
    return Stopwatch.GetElapsedTime(start).TotalSeconds;
}
