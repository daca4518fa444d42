// Full training steps, gradients and update, beside PyTorch's: the same weights, the same batch, SGD with momentum, two threads.
// Every figure is the shortest of the steps of processes that take turns. Writes bench/results/finetuning.md.
//
// usage: OnnxTransfer.Bench.FineTuning [FOLDER] [BATCHES] [ROUNDS] [PYTHON]
//   FOLDER    where networks and gradients are kept, artifacts/bench-finetuning by default
//   BATCHES   16,32 by default
//   ROUNDS    turns of each process, 2 by default
//   PYTHON    a Python with PyTorch, torchvision and onnx, /usr/bin/python3 by default
//
// and for one process of ours: steps FOLDER NETWORK MODE BATCH FORM STEPS; profile FOLDER NETWORK MODE BATCH FORM; bends FOLDER NETWORK MODE BATCH FORM
// with MODE frozen, moving, tail or head, and FORM custom or standard, or cuda (built with -p:OrtPackage=Microsoft.ML.OnnxRuntime.Gpu.Linux,
// beside "torch_steps.py run" with the layouts cuda and cuda_channels_last); for how far the same steps lie apart:
// distances FOLDER BATCHES [PYTHON], which writes bench/results/training-distances.md; and for the loss of a training beside PyTorch's:
// curve FOLDER PHOTOS STEPS [PYTHON], which writes bench/results/from-scratch.md.
using System.Globalization;
using System.Text;
using OnnxTransfer;
using OnnxTransfer.Bench.Extraction;
using OnnxTransfer.Bench.FineTuning;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case ["steps", var folder, var network, var mode, var count, var form, var steps]:
        Steps.Run(folder, network, mode, int.Parse(count), form, int.Parse(steps));
        return;
    case ["bends", var folder, var network, var mode, var count, var form]:
        Bends.Write(folder, network, mode, int.Parse(count), form);
        return;
    case ["profile", var folder, var network, var mode, var count, var form]:
        Profile.Run(folder, network, mode, int.Parse(count), form);
        return;
    case ["distances", var folder, var sizes, ..]:
        Distances.Run(new Peers(folder, args.ElementAtOrDefault(3) ?? "/usr/bin/python3"), [.. sizes.Split(',').Select(int.Parse)]);
        return;
    case ["curve", var folder, var photos, var steps, ..]:
        Curve.Run(new Peers(folder, args.ElementAtOrDefault(4) ?? "/usr/bin/python3"), folder, photos, int.Parse(steps));
        return;
}

var peers = new Peers(args.ElementAtOrDefault(0) ?? Path.Combine("artifacts", "bench-finetuning"), args.ElementAtOrDefault(3) ?? "/usr/bin/python3");
int[] batches = [.. (args.ElementAtOrDefault(1) ?? "16,32").Split(',').Select(int.Parse)];
var rounds = int.Parse(args.ElementAtOrDefault(2) ?? "2");
var report = new StringBuilder();
var versions = new SortedSet<string>(StringComparer.Ordinal);
var table = new StringBuilder();
foreach (var (network, mode) in Peers.Networks)
{
    peers.Export(network);
    foreach (var count in batches)
    {
        var found = Peers.Forms.ToDictionary(form => form, _ => new List<Figures>());
        for (var round = 0; round < rounds; round++)
        {
            foreach (var form in Peers.Forms)
            {
                found[form].Add(peers.Run(network, mode, count, form));
            }
        }

        versions.UnionWith(found.Values.SelectMany(figures => figures).Select(figures => figures.Version));
        double Seconds(string form) => found[form].Min(figures => figures.Seconds);
        double Processor(string form) => found[form].Min(figures => figures.Processor);
        double Memory(string form) => found[form].Max(figures => figures.Megabytes);
        var row = $"| {network}, {mode} | {count} | {Seconds(Peers.Ours):F3} | {Seconds(Peers.Standard):F3} | {Seconds(Peers.Theirs):F3} | {Seconds(Peers.OtherLayout):F3} "
            + $"| {Seconds(Peers.Theirs) / Seconds(Peers.Ours):F2} | {Seconds(Peers.OtherLayout) / Seconds(Peers.Ours):F2} | {Processor(Peers.Ours):F2} | {Processor(Peers.Theirs):F2} | {Processor(Peers.OtherLayout):F2} "
            + $"| {Memory(Peers.Ours):F0} | {Memory(Peers.Theirs):F0} |";
        table.AppendLine(row);
        Console.WriteLine(row);
    }
}

var parts = new StringBuilder();
foreach (var network in new[] { "squeezenet1_1", "squeezenet1_1_linear", "resnet18", "mobilenet_v2" })
{
    peers.Export(network);
    double Shortest(string mode) => Enumerable.Range(0, rounds).Min(_ => peers.Run(network, mode, batches[0], Peers.Ours).Seconds);
    var (full, tail, head) = (Shortest("frozen"), Shortest("tail"), Shortest("head"));
    var row = $"| {network} | {full:F3} | {tail:F3} | {full / tail:F1} | {head:F4} | {full / head:F0} |";
    parts.AppendLine(row);
    Console.WriteLine(row);
}

var load = File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "?";
report.AppendLine("# Training steps").AppendLine();
report.AppendLine($"Gradients and update of a batch at 224 x 224, SGD with momentum 0.9, 2 threads; the shortest of ten steps in {(rounds == 1 ? "a process" : $"each of {rounds} turns of a process")}. Torchvision's architectures with random weights; batch normalisations with frozen or moving statistics, all weights learned. How far the steps lie apart stands in [training-distances.md](training-distances.md). {Machine.Processor()}, {Environment.ProcessorCount} processors, load {load}, .NET {Environment.Version}, {string.Join(", ", versions)}, {DateTime.UtcNow:yyyy-MM-dd}.").AppendLine();
report.AppendLine("| network | batch | ours, s | in ONNX's operators alone, s | PyTorch, s | channels_last, s | PyTorch / ours | channels_last / ours | ours, processor s | PyTorch, processor s | channels_last, processor s | ours, MB | PyTorch, MB |");
report.AppendLine("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|").Append(table).AppendLine();
report.AppendLine("Processor s: the least processor time of a step over both threads, which other work on the machine changes less. MB: the most that the process held.").AppendLine();
report.AppendLine($"## Less than the whole network, batch {batches[0]}").AppendLine();
report.AppendLine("| network | full, s | last stage on what the frozen part made, s | x | head on codes, s | x |").AppendLine("|---|--:|--:|--:|--:|--:|").Append(parts).AppendLine();
report.AppendLine("SqueezeNet's own classifier is a convolution over a map; `_linear` has the linear head in its place that fine-tuning puts there.");
Directory.CreateDirectory(Path.Combine("bench", "results"));
WholeFile.WriteText(Path.Combine("bench", "results", "finetuning.md"), report.ToString());
