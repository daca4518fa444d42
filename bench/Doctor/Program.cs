// What the data doctor finds of faults that are planted: 2 % of the labels made wrong, and 60 copies. Writes bench/results/doctor.md.
//
// usage: OnnxTransfer.Bench.Doctor [SHARED] [DRAWS] [SET...]
//   SHARED   the folder with models/squeezenet1_1-fp16.onnx and data/SET.tar, ../shared by default
//   DRAWS    draws of wrong labels for each set and network, 10 by default
//   SET      the name of a tar, or a folder of photos or IDX files; all five tars by default
using System.Diagnostics;
using System.Globalization;
using System.Text;
using OnnxTransfer;
using OnnxTransfer.Bench.Doctor;
using OnnxTransfer.Bench.Extraction;
using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const int FirstSeed = 100;
var shared = Path.GetFullPath(args.ElementAtOrDefault(0) ?? Path.Combine("..", "shared"));
var draws = int.Parse(args.ElementAtOrDefault(1) ?? "10");
string[] sets = args.Length > 2 ? args[2..] : ["signdigits10", "textures10", "flowers12", "cifar10small", "tinyimagenet200small"];
var squeezenet = Path.Combine(shared, "models", "squeezenet1_1-fp16.onnx");
var (labels, copies) = (new StringBuilder(), new StringBuilder());
foreach (var set in sets)
{
    var tar = Path.Combine(shared, "data", set + ".tar");
    if (!File.Exists(squeezenet) || !(File.Exists(tar) || Directory.Exists(set)))
    {
        Console.Error.WriteLine($"skipped: {squeezenet} or {tar} is missing; name the folder that has them");
        continue;
    }

    using var photos = File.Exists(tar) ? new Photos(tar, int.MaxValue) : null;
    var images = photos?.Images ?? LabelledImages.Open(set);
    foreach (var load in new Func<Backbone>[] { () => Backbone.Load(squeezenet), () => Backbone.Default() })
    {
        using var backbone = load();
        var (name, start) = ($"{Path.GetFileName(set)} | {images.Count:N0} | {backbone.Model.Name}", Stopwatch.GetTimestamp());
        var planted = PlantedSet.Extract(backbone, images, FirstSeed);
        var extracted = Stopwatch.GetElapsedTime(start).TotalSeconds;
        start = Stopwatch.GetTimestamp();
        var layers = planted.CleanLayers();
        LabelsFound[] found = [.. Enumerable.Range(FirstSeed, draws).Select(seed => PlantedLabels.Find(planted.Clean, layers, seed))];
        var judged = Stopwatch.GetElapsedTime(start).TotalSeconds / Math.Max(draws, 1);
        if (found.Length > 0)
        {
            var row = $"| {name} | {found.Average(static of => of.InFirst):P0} | {found.Min(static of => of.InFirst):P0} to {found.Max(static of => of.InFirst):P0} | {found.Average(static of => of.Suspects):F0} | {found.Average(static of => of.AmongSuspects):P0} | {100 * found.Average(static of => of.Accuracy):F1} | {extracted:F0} | {judged:F1} |";
            labels.AppendLine(row);
            Console.Error.WriteLine(row);
        }

        start = Stopwatch.GetTimestamp();
        var pairs = planted.Duplicates();
        var compared = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var of = PlantedCopies.Found(pairs, planted.Originals);
        var line = $"| {name} | {of} of {planted.Originals.Count} | {pairs.Count - of} | {compared:F1} |";
        copies.AppendLine(line);
        Console.Error.WriteLine(line);
        foreach (var pair in pairs.Where(pair => !PlantedCopies.IsPlanted(pair, planted.Originals)))
        {
            Console.WriteLine($"{pair.Similarity:F4} {pair.Image} {pair.Other}{(pair.Mirrored ? " mirrored" : string.Empty)}");
        }

        foreach (var missed in planted.Originals.Where(copy => !pairs.Any(pair => pair.Image == copy.Key && pair.Other == copy.Value || pair.Image == copy.Value && pair.Other == copy.Key)))
        {
            Console.WriteLine($"missed {missed.Key}");
        }
    }
}

var report = new StringBuilder();
report.AppendLine("# The data doctor").AppendLine();
report.AppendLine($"Faults are planted by seeds that nothing was chosen with. {Machine.Processor()}, {Environment.ProcessorCount} processors, .NET {Environment.Version}, {DateTime.UtcNow:yyyy-MM-dd}.").AppendLine();
report.AppendLine("## Wrong labels").AppendLine();
report.AppendLine($"2 % of the labels are given another class by chance, {draws} draws: the share of them in the first 5 % of the list, that of the worst and the best draw, the suspects, the share of wrong labels among them, the accuracy of held-out predictions, seconds to extract codes at four layers, and seconds to judge labels.").AppendLine();
report.AppendLine("| photos | images | network | in the first 5 % | worst and best draw | suspects | wrong labels among them | accuracy | extraction, s | judging, s |").AppendLine("|---|---|---|---|---|---|---|---|---|---|").Append(labels).AppendLine();
report.AppendLine("## Copies").AppendLine();
report.AppendLine("60 copies of images: re-encoded at JPEG quality 40, half the size, 50, mirrored, 60, mirrored and half the size, 40; fifteen each. The last column is seconds to decode and compare all images.").AppendLine();
report.AppendLine("| photos | images | network | found | other pairs reported | comparing, s |").AppendLine("|---|---|---|---|---|---|").Append(copies);
Console.WriteLine(report);
Directory.CreateDirectory(Path.Combine("bench", "results"));
WholeFile.WriteText(Path.Combine("bench", "results", "doctor.md"), report.ToString());
return 0;
