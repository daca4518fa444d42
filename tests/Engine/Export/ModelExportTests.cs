using System.Text.Json;
using OnnxTransfer.Heads;
using OnnxTransfer.Onnx;

namespace OnnxTransfer.Engine.Tests;

internal sealed class ModelExportTests
{
    private string folder = string.Empty;
    private string file = string.Empty;

    [SetUp]
    public void MakeFolder()
    {
        folder = Directory.CreateTempSubdirectory("onnxtransfer-export-").FullName;
        file = Path.Combine(folder, "flowers.onnx");
    }

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    private static Backbone Load(FlowerNetwork network, string folder)
    {
        var path = Path.Combine(folder, "small.onnx");
        network.Catalog.Model.Write(path);
        return Backbone.Load(path, new BackboneOptions { Recipe = network.Recipe });
    }

    [Test]
    public void What_is_written_is_the_exported_graph_and_nothing_else_is_left()
    {
        var network = FlowerNetwork.Make();
        using var backbone = Load(network, folder);
        backbone.Export(backbone.Tap("features"), network.Head, file);

        Assert.That(Directory.GetFiles(folder).Select(Path.GetFileName), Is.EquivalentTo(new[] { "flowers.onnx", "small.onnx" }));
        var expected = ClassifierGraph.Make(backbone.Taps, backbone.Recipe, new JoinedTaps(backbone.Tap("features")), network.Head, null);
        Assert.That(File.ReadAllBytes(file), Is.EqualTo(expected.ToBytes()));
        using var model = ImageClassifier.Load(file);
        Assert.That((model.Labels, model.Recipe), Is.EqualTo((network.Head.Labels, network.Recipe)));
    }

    [Test]
    public void A_head_on_normalised_codes_is_compared_and_written()
    {
        var network = FlowerNetwork.Make(weightScale: 3).Normalized();
        using var backbone = Load(network, folder);
        Assert.DoesNotThrow(() => backbone.Export(backbone.Tap("features"), network.Head, file));
        Assert.That(File.ReadAllBytes(file), Is.EqualTo(ClassifierGraph.Make(backbone.Taps, backbone.Recipe, new JoinedTaps(backbone.Tap("features")), network.Head, null).ToBytes()));
    }

    [TestCase("features", "low")]
    [TestCase("low", "features")]
    public void A_head_on_joined_codes_gives_its_probabilities_on_both(string one, string other)
    {
        var network = FlowerNetwork.Make();
        using var backbone = Load(network, folder);
        var taps = backbone.Join([one, other], [Pooling.Maximum, Pooling.Grid2]);
        var head = FlowerNetwork.HeadOf(new Random(8), taps.Width, 0.1, ["a", "b", "c", "d"]);
        backbone.Export(taps, head, file);
        var photos = BareSession.Noise(2 * 3 * 32 * 32, seed: 2);

        var found = BareSession.Run(File.ReadAllBytes(file), photos, 2, 3, 32, 32)["probabilities"];

        var codes = taps.Taps.Select(tap => BareSession.Run(FlowerNetwork.Tapped(backbone.Taps, tap).ToBytes(), photos, 2, 3, 32, 32).Single().Value).ToArray();
        for (var i = 0; i < 2; i++)
        {
            float[] joined = [.. taps.Taps.Zip(codes).SelectMany(pair => pair.Second.AsSpan(i * pair.First.Width, pair.First.Width).ToArray())];
            var expected = BareSession.Probabilities(head.Weights.Span, head.Width, joined);
            Assert.That(found.AsSpan(4 * i, 4).ToArray(), Is.EqualTo(expected).Within(1e-5));
        }

        var tapped = JsonDocument.Parse(OnnxModel.Read(file).Metadata("onnxtransfer.tap")!).RootElement;
        Assert.That(tapped.EnumerateArray().Select(tap => tap.GetProperty("tensor").GetString()), Is.EqualTo(new[] { one, other }));
        Assert.That(tapped.EnumerateArray().Select(tap => tap.GetProperty("pooling").GetString()), Is.EqualTo(new[] { "max", "grid2" }));
    }

    [Test]
    public void A_head_for_other_codes_is_refused()
    {
        var network = FlowerNetwork.Make();
        using var backbone = Load(network, folder);
        var failure = Assert.Throws<OnnxTransferException>(() => backbone.Export(backbone.Tap("low"), network.Head, file));
        Assert.That(failure.Kind, Is.EqualTo(FailureKind.Usage));
        Assert.That(failure.Message, Does.StartWith("The head takes codes of 12 numbers and the tap low|avg gives 8;"));
    }

    [Test]
    public void A_multi_label_head_is_refused()
    {
        var network = FlowerNetwork.Make();
        using var backbone = Load(network, folder);
        var head = new LinearHead(network.Head.Labels, network.Head.Weights, network.Head.Width, HeadLoss.Logistic, 1, network.Head.Certificate) { IsMultiLabel = true };
        var failure = Assert.Throws<OnnxTransferException>(() => backbone.Export(backbone.Tap("features"), head, file));
        Assert.That(failure.Kind, Is.EqualTo(FailureKind.Usage));
        Assert.That(failure.Message, Does.StartWith("The head is multi-label"));
    }

    [Test]
    public void A_failed_comparison_leaves_the_old_file_as_it_was()
    {
        var network = FlowerNetwork.Make().WithOverflow();
        using var backbone = Load(network, folder);
        File.WriteAllText(file, "the old file");
        var failure = Assert.Throws<OnnxTransferException>(() => backbone.Export(backbone.Tap("features"), network.Head, file));
        Assert.That(failure.Kind, Is.EqualTo(FailureKind.Mathematics));
        Assert.That(File.ReadAllText(file), Is.EqualTo("the old file"));
    }

    [Test]
    public void A_folder_that_does_not_exist_is_a_matter_of_the_machine()
    {
        var network = FlowerNetwork.Make();
        using var backbone = Load(network, folder);
        var failure = Assert.Throws<OnnxTransferException>(
            () => backbone.Export(backbone.Tap("features"), network.Head, Path.Combine(folder, "no", "flowers.onnx")));
        Assert.That(failure.Kind, Is.EqualTo(FailureKind.Machine));
    }

    [TestCase("penultimate", Pooling.Average)]
    [TestCase("stage2", Pooling.AverageAndMaximum)]
    [TestCase("stage3", Pooling.Grid2)]
    [Category("Slow")]
    public void The_default_backbone_gives_the_probabilities_of_the_head_in_any_runtime(string name, Pooling pooling)
    {
        using var backbone = Backbone.Default();
        var tap = backbone.Tap(name, pooling);
        var head = FlowerNetwork.HeadOf(new Random(8), tap.Width, 0.1, ["a", "b", "c", "d"]);
        backbone.Export(tap, head, file);
        var photos = ProbeImages.Make(backbone.Recipe).SelectMany(photo => photo).ToArray();

        var found = BareSession.Run(File.ReadAllBytes(file), photos, 2, 3, 224, 224)["probabilities"];

        var codes = BareSession.Run(FlowerNetwork.Tapped(backbone.Taps, tap).ToBytes(), photos, 2, 3, 224, 224).Single().Value;
        for (var i = 0; i < 2; i++)
        {
            var expected = BareSession.Probabilities(head.Weights.Span, head.Width, codes.AsSpan(i * head.Width, head.Width));
            Assert.That(found.AsSpan(4 * i, 4).ToArray(), Is.EqualTo(expected).Within(1e-5));
        }
    }
}
