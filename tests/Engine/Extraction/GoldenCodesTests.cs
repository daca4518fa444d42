using System.Formats.Tar;
using OnnxTransfer.Datasets;

namespace OnnxTransfer.Engine.Tests;

[Category("Slow")]
public class GoldenCodesTests
{
    private static readonly string[] Sets = ["flowers12", "signdigits10", "textures10"];

    [TestCase("resnet18")]
    [TestCase("squeezenet1_1")]
    public void Codes_of_photos_are_those_that_were_computed_without_onnx_runtime(string model)
    {
        var goldens = new Goldens(SharedFiles.Path("models/goldens.npz"));
        using var backbone = model == "resnet18"
            ? Backbone.Load(SharedFiles.ResNet18())
            : Backbone.Load(SharedFiles.Path("models/squeezenet1_1-fp16.onnx"));
        using var net = new SmallNetwork();
        foreach (var set in Sets)
        {
            Unpack(SharedFiles.Path($"data/{set}.tar"), goldens.Files, net.Path);
        }

        var images = new LabelledImages("photos", goldens.Files.Select(file => new LabelledImage(file, null, new ImageFile(net[file]))));
        var expected = goldens.Of(model).ToArray();
        using var codes = backbone.Extract(images, [.. expected.Select(golden => backbone.Tap(golden.Tap, golden.Pooling))]);
        var (worst, where) = (0.0, string.Empty);
        foreach (var (tap, pooling, golden) in expected)
        {
            var column = codes.Column(tap, pooling);
            var rows = goldens.Files.Select(file => codes.Ids.ToList().IndexOf(file)).ToArray();
            var actual = codes.Read(column, rows).Values.ToArray();
            Assert.That(actual, Has.Length.EqualTo(golden.Length), column.Key);
            var difference = actual.Zip(golden, (a, b) => Math.Abs((double)a - b)).Max() / golden.Max(value => Math.Abs((double)value));
            (worst, where) = difference > worst ? (difference, column.Key) : (worst, where);
        }

        TestContext.Out.WriteLine($"{model}: {expected.Length} columns, largest relative difference {worst:e1} at {where}; {codes.Proof}");
        Assert.That(expected, Is.Not.Empty);
        Assert.That(worst, Is.InRange(0, 2e-5), where);
    }

    private static void Unpack(string tar, string[] files, string folder)
    {
        using var stream = File.OpenRead(tar);
        using var reader = new TarReader(stream);
        while (reader.GetNextEntry() is { } entry)
        {
            var name = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
            if (files.Contains(name))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, name))!);
                entry.ExtractToFile(Path.Combine(folder, name), overwrite: true);
            }
        }
    }
}
