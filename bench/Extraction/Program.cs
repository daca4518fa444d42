// How near extraction comes to the ideal 1 / (1 / decode + 1 / infer) with all workers, which batch is the fastest, and
// whether the bits of the codes depend on threads and batch. Writes bench/results/extraction.md.
//
// usage: OnnxTransfer.Bench.Extraction [SHARED] [ROUNDS]
//   SHARED   the folder with models/squeezenet1_1-fp16.onnx and data/flowers12.tar, ../shared by default
//   ROUNDS   repetitions, of which the best counts, 5 by default
using System.Globalization;
using System.Text;
using OnnxTransfer;
using OnnxTransfer.Bench.Extraction;
using OnnxTransfer.Engine;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var shared = Path.GetFullPath(args.ElementAtOrDefault(0) ?? Path.Combine("..", "shared"));
var rounds = int.Parse(args.ElementAtOrDefault(1) ?? "5");
var squeezenet = Path.Combine(shared, "models", "squeezenet1_1-fp16.onnx");
var photos = Path.Combine(shared, "data", "flowers12.tar");
if (!File.Exists(squeezenet) || !File.Exists(photos))
{
    Console.Error.WriteLine($"skipped: {squeezenet} or {photos} is missing; name the folder that has them");
    return 0;
}

using var set = new Photos(photos, 240);
var report = new StringBuilder();
report.AppendLine("# Extraction").AppendLine();
report.AppendLine($"{set.Images.Count} photos of flowers12, {Environment.ProcessorCount} workers of one thread, {Machine.Processor()}, .NET {Environment.Version}, ONNX Runtime {Runtime.Version}; the best of {rounds} rounds, images per second. Decode is reading, hashing, decoding and preprocessing; ideal is 1 / (1 / decode + 1 / infer); fused is `Backbone.Extract` into a fresh store, sealed and flushed. The last column is the same share in processor time, which other users of the machine disturb less.").AppendLine();
report.AppendLine("| model | tap | batch | decode | infer | ideal | fused | fused / ideal | in processor time |").AppendLine("|---|---|---|---|---|---|---|---|---|");
var bits = new StringBuilder();
foreach (var (model, tap) in new[] { (squeezenet, "fire9/concat_1"), (Path.Combine(AppContext.BaseDirectory, "models", "resnet18.onnx"), "ReLU393_Output_0") })
{
    using var backbone = Backbone.Load(model);
    Tap[] taps = [backbone.Tap(tap), backbone.Tap(tap, Pooling.Maximum)];
    foreach (var batch in new[] { 1, 8 })
    {
        var rates = Rates.Measure(backbone, taps, batch, set, rounds);
        report.AppendLine($"| {Path.GetFileNameWithoutExtension(model)} | {tap} | {batch} | {1 / rates.Decode.Clock:F0} | {1 / rates.Infer.Clock:F0} | {rates.Ideal:F0} | {1 / rates.Fused.Clock:F0} | {rates.ByClock:P1} | {rates.ByProcessor:P1} |");
        Console.Error.WriteLine($"{Path.GetFileName(model)}, batch {batch}: {rates}");
    }

    bits.Append(Bits.Compare(backbone, taps, set));
}

report.AppendLine().AppendLine("## Bits").AppendLine();
report.AppendLine("The codes of 16 photos against those of one thread and batch 1: numbers that differ in any bit, and the largest difference relative to the largest code.").AppendLine();
report.AppendLine("| model | threads | batch | differing | largest difference |").AppendLine("|---|---|---|---|---|").Append(bits);
Console.Write(report);
Directory.CreateDirectory(Path.Combine("bench", "results"));
WholeFile.WriteText(Path.Combine("bench", "results", "extraction.md"), report.ToString());
return 0;
