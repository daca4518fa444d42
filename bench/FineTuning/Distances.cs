using System.Text;
using OnnxTransfer.Bench.Extraction;

namespace OnnxTransfer.Bench.FineTuning;

/// <summary>How far our steps lie from PyTorch's: the losses of ten, and the gradients of the first, which both lie from PyTorch's in double too.</summary>
internal static class Distances
{
    /// <summary>Measures all networks and writes bench/results/training-distances.md.</summary>
    public static void Run(Peers peers, int[] batches)
    {
        var (apart, onOurBends, versions) = (new StringBuilder(), new StringBuilder(), new SortedSet<string>(StringComparer.Ordinal));
        foreach (var (network, mode) in Peers.Networks)
        {
            peers.Export(network);
            foreach (var count in batches)
            {
                var steps = Peers.Forms.ToDictionary(static form => form, form => peers.Run(network, mode, count, form));
                peers.Run(network, mode, count, Peers.Judge, steps: 1);
                var gradients = Peers.Forms.Append(Peers.Judge).ToDictionary(static form => form, form => peers.Gradients(network, mode, count, form));
                versions.UnionWith(steps.Values.Select(static figures => figures.Version));
                Exactness[] fromPyTorch = [.. new[] { Peers.Ours, Peers.OtherLayout }.Select(form => Exactness.Of(gradients[form], gradients[Peers.Theirs], steps[form].Losses, steps[Peers.Theirs].Losses))];
                var fromDouble = Peers.Forms.Select(form => Exactness.Of(gradients[form], gradients[Peers.Judge]));
                Add(apart, $"| {network}, {mode} | {count} | {string.Join(" | ", fromPyTorch.Select(static pair => $"{pair.Losses:0.0e0} | {pair.Largest:0.0e0} | {pair.Norm:0.0e0}")
                    .Concat(fromDouble.Select(static pair => $"{pair.Largest:0.0e0} | {pair.Norm:0.0e0}")))} |");

                peers.Bend(network, mode, count);
                var (bent, judged) = (peers.Gradients(network, mode, count, Peers.Bent), peers.Gradients(network, mode, count, Peers.JudgeBent));
                Exactness[] alike = [Exactness.Of(gradients[Peers.Ours], bent), Exactness.Of(gradients[Peers.Ours], judged), Exactness.Of(bent, judged)];
                Add(onOurBends, $"| {network}, {mode} | {count} | {string.Join(" | ", alike.Select(static pair => $"{pair.Largest:0.0e0} | {pair.Norm:0.0e0} | {pair.Tensor}"))} |");
            }
        }

        var report = new StringBuilder();
        report.AppendLine("# How far apart training steps are").AppendLine();
        report.AppendLine($"Steps of a batch at 224 x 224 from the same weights, SGD with momentum 0.9, rate {Steps.Rate}. Torchvision's architectures with random weights; batch normalisations with frozen or moving statistics, all weights learned. {Machine.Processor()}, .NET {Environment.Version}, {string.Join(", ", versions)}, {DateTime.UtcNow:yyyy-MM-dd}.").AppendLine();
        report.AppendLine("Of ten steps the largest relative difference of a loss; of the first step's gradients the largest difference in a tensor, by its largest number or by a thousandth of the largest of all, and the length of the difference of all by their length. From PyTorch's default layout, and from PyTorch's step in double.").AppendLine();
        string[] fromPyTorchTitles = ["ours from PyTorch", "channels_last from PyTorch"], titles = ["ours", "ONNX's operators", "PyTorch", "channels_last"];
        report.AppendLine($"| network | batch | {string.Join(" | ", fromPyTorchTitles.Select(static title => $"{title}: losses | largest | length").Concat(titles.Select(static title => $"{title} from double: largest | length")))} |");
        report.AppendLine($"|---|{string.Concat(Enumerable.Repeat("--:|", 1 + (3 * fromPyTorchTitles.Length) + (2 * titles.Length)))}").Append(apart).AppendLine();
        report.AppendLine("## On the same bends").AppendLine();
        report.AppendLine("A value that is 0 but for rounding falls on one side of a ReLU's bend in one library and on the other side in another, and the gradients differ by all that it carries. Here PyTorch's ReLUs pass and its poolings take what ours did: what is left is rounding.").AppendLine();
        titles = ["ours from PyTorch", "ours from double", "PyTorch from double"];
        report.AppendLine($"| network | batch | {string.Join(" | ", titles.Select(static title => $"{title}: largest | length | tensor of the largest"))} |");
        report.AppendLine($"|---|--:|{string.Concat(Enumerable.Repeat("--:|--:|---|", titles.Length))}").Append(onOurBends);
        Directory.CreateDirectory(Path.Combine("bench", "results"));
        WholeFile.WriteText(Path.Combine("bench", "results", "training-distances.md"), report.ToString());
    }

    private static void Add(StringBuilder table, string row)
    {
        table.AppendLine(row);
        Console.WriteLine(row);
    }
}
