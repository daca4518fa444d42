using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using OnnxTransfer.Datasets;
using OnnxTransfer.FineTuning;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.Bench.FineTuning;

/// <summary>A training from scratch on real photos beside PyTorch's: the same start, the same batches, the loss of every step of both.</summary>
internal static class Curve
{
    private const int Size = 64, Batch = 16, Classes = 1000;
    private const double Rate = 0.005;
    private const string Network = "resnet18-64";

    /// <summary>Trains both, and writes bench/results/from-scratch.md and the picture beside it.</summary>
    /// <param name="peers">Has the network.</param>
    /// <param name="folder">Where the batches are kept that PyTorch reads.</param>
    /// <param name="data">A folder of photos.</param>
    /// <param name="steps">The number of steps.</param>
    public static void Run(Peers peers, string folder, string data, int steps)
    {
        peers.Export(Network);
        var images = LabelledImages.Open(data).SplitTrainTest().Train;
        float[] ours = [.. Train(folder, images, steps)];
        var (theirs, again) = (peers.Curve(Network, Batch, Rate, "default", steps), peers.Curve(Network, Batch, Rate, "channels_last", steps));
        var report = new StringBuilder();
        report.AppendLine("# From scratch beside PyTorch").AppendLine();
        report.AppendLine(CultureInfo.InvariantCulture, $"ResNet-18 with random weights, {steps} steps of SGD with momentum 0.9 at a rate of {Rate} on batches of {Batch} of {images.Count:N0} photos ({Path.GetFileName(Path.TrimEndingDirectorySeparator(data))}) at {Size} x {Size}, batch normalisations by the batch's statistics; the same start and the same batches. PyTorch ran twice, the second time in channels_last, which rounds in another order: what differs between its two runs is what such a training makes of rounding.").AppendLine();
        report.AppendLine("![The loss of both](from-scratch.svg)").AppendLine();
        report.AppendLine("| steps | loss, ours | loss, PyTorch | loss, PyTorch again | ours from PyTorch, at most | PyTorch again from PyTorch, at most |").AppendLine("|---|--:|--:|--:|--:|--:|");
        for (var (first, length) = (0, 1); first < steps; (first, length) = (first + length, Math.Min(length * 2, steps - first - length)))
        {
            var (from, end) = (first, Math.Min(first + length, steps));
            report.AppendLine(CultureInfo.InvariantCulture, $"| {from + 1} to {end} | {ours[from..end].Average():F4} | {theirs[from..end].Average():F4} | {again[from..end].Average():F4} | {Apart(ours):E0} | {Apart(again):E0} |");

            double Apart(float[] losses) => losses[from..end].Zip(theirs[from..end]).Max(static pair => Math.Abs(pair.First - (double)pair.Second) / pair.Second);
        }

        Directory.CreateDirectory(Path.Combine("bench", "results"));
        WholeFile.WriteText(Path.Combine("bench", "results", "from-scratch.md"), report.ToString());
        WholeFile.WriteText(Path.Combine("bench", "results", "from-scratch.svg"), Picture(ours, theirs));
        Console.WriteLine(report);
    }

    private static IEnumerable<float> Train(string folder, LabelledImages images, int steps)
    {
        var compiled = Steps.Compile(folder, Network, "moving");
        using var engine = new GraphEngine(compiled.Program, compiled.Start, new Sgd { Momentum = 0.9, Nesterov = false }, null, 2);
        var recipe = Recipe.Named("imagenet").WithSize(Size);
        var decoded = DecodedImages.Open(images, recipe, new ReadingOptions { Workers = 2 }, default);
        string[] classes = [.. decoded.Images.Select(image => image.Label!).Distinct().Order(StringComparer.Ordinal)];
        var filler = new BatchFiller(decoded, classes, recipe, new AugmentationOptions(), seed: 1);
        var order = new EpochOrder(1, decoded.Images.Count, Batch, LastBatch.Drop);
        using var file = File.Create(Path.Combine(folder, "curve.f32"));
        foreach (var plan in order.From(0, 0, int.MaxValue).Take(steps))
        {
            var read = filler.Begin(plan);
            for (var slot = 0; slot < Batch; slot++)
            {
                filler.Fill(read, slot);
            }

            // The network has more outputs than the set has classes: the others stay without an image.
            var targets = new float[Batch * Classes];
            var labels = new float[Batch];
            for (var slot = 0; slot < Batch; slot++)
            {
                var label = Array.IndexOf(read.Data.Targets, 1f, slot * classes.Length) - (slot * classes.Length);
                (targets[(slot * Classes) + label], labels[slot]) = (1, label);
            }

            file.Write(MemoryMarshal.AsBytes<float>(read.Data.Inputs[0]));
            file.Write(MemoryMarshal.AsBytes<float>(labels));
            yield return engine.Accumulate(new TrainingBatch(Batch, read.Data.Inputs, targets)).Loss;
            engine.Update(Rate);
        }
    }

    private static string Picture(float[] ours, float[] theirs)
    {
        const double Width = 720, Height = 320, Margin = 44;
        double most = Math.Max(ours.Max(), theirs.Max());
        var svg = new StringBuilder();
        svg.AppendLine(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"The loss of each step, ours and PyTorch's\" font-family=\"sans-serif\" font-size=\"12\">");
        svg.AppendLine("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>");
        for (var tick = 0; tick <= most; tick++)
        {
            svg.AppendLine(CultureInfo.InvariantCulture, $"<path d=\"M{Margin} {Y(tick):F1}H{Width - 16}\" stroke=\"#dddddd\"/><text x=\"{Margin - 8}\" y=\"{Y(tick) + 4:F1}\" text-anchor=\"end\" fill=\"#444444\">{tick}</text>");
        }

        Line(theirs, "#b3420e", 4, 0.45);
        Line(ours, "#1f5fa8", 1.2, 1);
        svg.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"{Width - 16}\" y=\"24\" text-anchor=\"end\" fill=\"#444444\">loss of a step: <tspan fill=\"#1f5fa8\">ours, thin</tspan>, <tspan fill=\"#b3420e\">PyTorch, broad</tspan></text>");
        svg.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"{Width - 16}\" y=\"{Height - 8}\" text-anchor=\"end\" fill=\"#444444\">step {ours.Length}</text>");
        return svg.AppendLine("</svg>").ToString();

        double Y(double loss) => Height - 28 - ((Height - 44) * loss / most);

        void Line(float[] losses, string colour, double width, double opacity)
        {
            var points = losses.Select((loss, step) => string.Create(CultureInfo.InvariantCulture, $"{Margin + ((Width - Margin - 16) * step / Math.Max(losses.Length - 1, 1)):F1},{Y(loss):F1}"));
            svg.AppendLine(CultureInfo.InvariantCulture, $"<polyline points=\"{string.Join(' ', points)}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" opacity=\"{opacity}\"/>");
        }
    }
}
