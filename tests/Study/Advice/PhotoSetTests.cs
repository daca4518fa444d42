using System.Formats.Tar;
using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;

namespace OnnxTransfer.Study.Tests;

/// <summary>Whole photo sets with SqueezeNet: minutes, and only where the sets are.</summary>
[Category("Slow")]
internal sealed class PhotoSetTests
{
    private readonly string folder = Directory.CreateTempSubdirectory("onnxtransfer-sets-").FullName;

    [OneTimeTearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [TestCase("flowers12", DataSize.Small, DataSimilarity.Similar, AdviceKind.HeadOnTop)]
    [TestCase("signdigits10", DataSize.Small, DataSimilarity.Different, AdviceKind.HeadOnEarlierLayer)]
    [TestCase("textures10", DataSize.Small, DataSimilarity.Different, AdviceKind.HeadOnEarlierLayer)]
    [TestCase("cifar10small", DataSize.Large, DataSimilarity.Similar, AdviceKind.FineTuneLastStages)]
    public void A_set_is_placed_and_advised(string name, DataSize size, DataSimilarity similarity, AdviceKind kind)
    {
        var (model, set) = (SharedFiles.Path("models/squeezenet1_1-fp16.onnx"), SharedFiles.Path($"data/{name}.tar"));
        using var backbone = Backbone.Load(model);
        var advice = Advisor.Run(backbone, Unpacked(set), new AdviceOptions());
        Assert.That((advice.Placement.Size, advice.Placement.Similarity, advice.Kind), Is.EqualTo((size, similarity, kind)), string.Join(' ', advice.Evidence));
    }

    private LabelledImages Unpacked(string tar)
    {
        var name = Path.GetFileNameWithoutExtension(tar);
        if (!Directory.Exists(Path.Combine(folder, name)))
        {
            TarFile.ExtractToDirectory(tar, folder, overwriteFiles: false);
        }

        return LabelledImages.Open(Path.Combine(folder, name));
    }
}
