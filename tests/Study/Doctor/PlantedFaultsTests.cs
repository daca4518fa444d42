using System.Formats.Tar;
using OnnxTransfer.Bench.Doctor;
using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;

namespace OnnxTransfer.Study.Tests;

/// <summary>Whole photo sets with faults planted in them, read by SqueezeNet: minutes, and only where the sets are.</summary>
[Category("Slow")]
internal sealed class PlantedFaultsTests
{
    private const int Draws = 10;

    private readonly string folder = Directory.CreateTempSubdirectory("onnxtransfer-faults-").FullName;

    [OneTimeTearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [TestCase("signdigits10")]
    [TestCase("flowers12")]
    public void Four_fifths_of_the_wrong_labels_are_in_the_first_twentieth_of_the_list_and_all_copies_are_found(string name)
    {
        var (model, tar) = (SharedFiles.Path("models/squeezenet1_1-fp16.onnx"), SharedFiles.Path($"data/{name}.tar"));
        using var backbone = Backbone.Load(model);
        TarFile.ExtractToDirectory(tar, folder, overwriteFiles: false);
        var planted = PlantedSet.Extract(backbone, LabelledImages.Open(Path.Combine(folder, name)), seed: 1);
        var layers = planted.CleanLayers();
        Assert.That(Enumerable.Range(1, Draws).Average(seed => PlantedLabels.Find(planted.Clean, layers, seed).InFirst), Is.AtLeast(0.8));
        Assert.That(PlantedCopies.Found(planted.Duplicates(), planted.Originals), Is.EqualTo(planted.Originals.Count).And.EqualTo(60));
    }
}
