// Which stage of a network makes the best codes for photos that are not like those it was trained on? Codes of 4,000
// Fashion-MNIST images at three stages of the default backbone, a head on each and one on the raw pixels; the best stage
// becomes a classifier. Run from the root of the repository: make demo

using System.Diagnostics;
using OnnxTransfer;
using OnnxTransfer.Demo;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

const string Data = "samples/fashion-mnist";
const string Output = "artifacts/demo";
const int TrainImages = 3000;
const int TestImages = 1000;
const int Size = 96;
const int Shown = 8;

try
{
    return Run();
}
catch (OnnxTransferException e)
{
    Console.Error.WriteLine(e.Message);
    return (int)e.Kind;
}

static int Run()
{
    var clock = Stopwatch.StartNew();
    Directory.CreateDirectory(Output);
    var images = FashionMnist.Read(Data, TrainImages + TestImages);
    using var backbone = Backbone.Default(new BackboneOptions { Size = Size });
    Tap[] taps = [backbone.Tap("stage2"), backbone.Tap("stage3"), backbone.Tap("stage4")];

    Console.WriteLine($"{images.Count:N0} photos of clothes from {Data}: {TrainImages:N0} to learn from, {TestImages:N0} to test with.");
    using var codes = backbone.Extract(images, taps);
    Console.WriteLine($"Codes at three stages of {backbone.Model.Name} at {Size} x {Size}, in one pass: {clock.Elapsed.TotalSeconds:F0} s.");
    Console.WriteLine();
    Console.WriteLine($"{"codes of",-26} {"numbers",8} {"C",8} {"cross-validated",17} {"test accuracy (95 % interval)",32}");

    var (train, test) = (Enumerable.Range(0, TrainImages).ToArray(), Enumerable.Range(TrainImages, TestImages).ToArray());
    Fitted Fit(string name, CodeMatrix matrix)
    {
        string[] Labels(int[] rows) => [.. rows.Select(row => codes.Labels[row])];
        var head = LinearHead.Train(matrix.Select(train), Labels(train), new HeadOptions { Standardize = true });
        var fitted = new Fitted(
            head, head.Selection!.Candidates.Max(candidate => candidate.Accuracy), head.Evaluate(matrix.Select(test), Labels(test)));
        var (low, high) = (fitted.Test.AccuracyInterval.Low, fitted.Test.AccuracyInterval.High);
        Console.WriteLine($"{name,-26} {head.Width,8:N0} {head.C,8:G3} {fitted.Validated,17:P1} {$"{fitted.Test.Accuracy:P1} ({low:P1} to {high:P1})",32}");
        return fitted;
    }

    Fit("the raw pixels", FashionMnist.Pixels(images));
    var stages = taps.Select((tap, i) => (
        Tap: tap,
        Fitted: Fit($"{tap.Point.Aliases[0]} ({tap.Point.CostPercent:F0} % of the cost)", codes.Read(codes.Columns[i])))).ToList();

    var best = stages.MaxBy(stage => stage.Fitted.Validated);
    Console.WriteLine();
    Console.WriteLine(Verdict(best.Tap, stages[^1].Tap));

    var path = Path.Combine(Output, "fashion.onnx");
    ModelExport.Write(backbone, new JoinedTaps(best.Tap), best.Fitted.Head, path, new ExportNotes
    {
        Dataset = images.Source,
        TrainImages = TrainImages,
        TestImages = TestImages,
        TestAccuracy = best.Fitted.Test.Accuracy,
        TestAccuracyInterval = best.Fitted.Test.AccuracyInterval,
    });
    Console.WriteLine($"The network up to {best.Tap.Point.Aliases[0]} and its head, in one file: {path} ({new FileInfo(path).Length / 1e6:F1} MB).");
    Console.WriteLine();

    using var model = ImageClassifier.Load(path);
    foreach (var image in images.Skip(TrainImages).Take(Shown))
    {
        var photo = Path.Combine(Output, Path.GetFileName(image.Id) + ".png");
        FashionMnist.WritePng(image, photo);
        var prediction = model.Predict(photo).Best;
        Console.WriteLine($"{photo}: {prediction.Label} ({prediction.Probability:P0}){(prediction.Label == image.Label ? "" : $", in truth {image.Label}")}");
    }

    Console.WriteLine();
    Console.WriteLine($"Done in {clock.Elapsed.TotalSeconds:F0} s. Try: ./onnxtransfer predict {path} {Output}/*.png");
    return 0;
}

static string Verdict(Tap best, Tap last) => best == last
    ? $"The last stage, {best.Point.Aliases[0]}, makes the best codes: these photos are like those that the network was trained on."
    : $"{best.Point.Aliases[0]} makes the best codes (by cross-validation on the training part) and not the last stage: the later stages "
        + "are about ImageNet's objects, and clothes on a grey ground are not, while edges and textures are the same everywhere.";

/// <summary>A head, its cross-validated accuracy at the chosen C, and how it does on the test part.</summary>
internal sealed record Fitted(LinearHead Head, double Validated, Evaluation Test);
