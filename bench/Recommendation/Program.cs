// Which layer a rule takes where photos are few: of the ends of a network's stages, average-pooled, by cross-validation on so
// many training images a class, and how good that layer is on the test part. Writes bench/results/recommendation.md.
//
// usage: OnnxTransfer.Bench.Recommendation [SHARED] [DRAWS]
//   SHARED   the folder with models/squeezenet1_1-fp16.onnx and data/SET.tar, ../shared by default
//   DRAWS    draws of images for each size, set and network, 10 by default
using System.Globalization;
using System.Text;
using OnnxTransfer;
using OnnxTransfer.Bench.Extraction;
using OnnxTransfer.Bench.Recommendation;
using OnnxTransfer.Engine;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var shared = Path.GetFullPath(args.ElementAtOrDefault(0) ?? Path.Combine("..", "shared"));
var draws = int.Parse(args.ElementAtOrDefault(1) ?? "10");
var squeezenet = Path.Combine(shared, "models", "squeezenet1_1-fp16.onnx");
string[] sets = ["flowers12", "textures10", "signdigits10", "cifar10small"];
string[] tars = [.. sets.Select(set => Path.Combine(shared, "data", set + ".tar"))];
if (tars.Prepend(squeezenet).FirstOrDefault(static file => !File.Exists(file)) is { } missing)
{
    Console.Error.WriteLine($"skipped: {missing} is missing; name the folder that has it");
    return;
}

var report = new StringBuilder();
report.AppendLine("# Which layer a rule takes where photos are few").AppendLine();
report.AppendLine($"Mean test accuracy in %, and in brackets the mean share of the multiply-accumulates in %, of the layer that a rule takes out of a network's stage ends, average-pooled; softmax and svm, {draws} draws of so many training images a class, and all of them once. {Machine.Processor()}, {Environment.ProcessorCount} processors, .NET {Environment.Version}, {DateTime.UtcNow:yyyy-MM-dd}.");
foreach (var load in new Func<Backbone>[] { () => Backbone.Default(), () => Backbone.Load(squeezenet) })
{
    foreach (var tar in tars)
    {
        using var backbone = load();
        using var photos = new Photos(tar, int.MaxValue);
        var set = $"{Path.GetFileNameWithoutExtension(tar)}, {backbone.Model.Name}";
        Tap[] taps = [.. backbone.Taps.StageEnds.Select(static point => new Tap(point, Pooling.Average))];
        using var codes = backbone.Extract(photos.Images, taps, photos.NewStore());
        var means = Draws.Of(codes, taps, draws);
        report.AppendLine().AppendLine($"## {set}").AppendLine();
        report.AppendLine($"| images a class | {string.Join(" | ", Rule.All.Select(static rule => rule.Name))} |");
        report.AppendLine($"|---|{string.Concat(Rule.All.Select(static _ => "---|"))}");
        foreach (var size in Draws.Sizes.Where(size => means.ContainsKey((size, Rule.All[0]))))
        {
            var cells = Rule.All.Select(rule => means[(size, rule)]).Select(static mean => $"{100 * mean.Accuracy:F1} ({mean.CostPercent:F0})");
            report.AppendLine($"| {(size == int.MaxValue ? "all" : size)} | {string.Join(" | ", cells)} |");
        }

        Console.Error.WriteLine($"{set}: done");
    }
}

Console.WriteLine(report);
Directory.CreateDirectory(Path.Combine("bench", "results"));
WholeFile.WriteText(Path.Combine("bench", "results", "recommendation.md"), report.ToString());
