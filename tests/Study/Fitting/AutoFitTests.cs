using OnnxTransfer.Cli.Tests;
using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Engine.Tests;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study.Tests;

public class AutoFitTests
{
    private static readonly FitOptions Options = new();

    [Test]
    public void The_chosen_layer_is_fitted_as_if_it_had_been_named([Values(HeadLoss.Softmax, HeadLoss.Lda)] HeadLoss loss, [Values] bool nested)
    {
        using var network = new SmallNetwork();
        using var photos = new Photos();
        using var backbone = network.Load();
        var images = LabelledImages.Open(photos.Folder("set", 10));
        var options = Options with { Head = Options.Head with { Loss = loss, Selection = new SelectionOptions { Nested = nested } } };
        var auto = AutoFit.Run(backbone, images, photos["auto.onnx"], options);
        var named = Fit.Run(backbone, images, photos["named.onnx"], options with { Taps = [auto.Fit.Taps.Names] });
        Assert.That(File.ReadAllBytes(photos["auto.onnx"]), Is.EqualTo(File.ReadAllBytes(photos["named.onnx"])));
        Assert.That(auto.Layers.Select(static layer => layer.Tap.Point), Is.EqualTo(backbone.Taps.StageEnds));
        Assert.That(auto.Choice!.Chosen.Tap, Is.EqualTo(auto.Fit.Taps.Taps.Single()));
        Assert.That(auto.Choice, Is.EqualTo(Recommendation.Choose(auto.Layers)));
        Assert.That(auto.Fit.Head.Selection?.Nested is null, Is.EqualTo(named.Head.Selection?.Nested is null));
        Assert.That(auto.Layers.Select(static layer => layer.HeldOut.Count), Is.All.EqualTo(24));
    }

    [Test]
    public void The_test_part_decides_nothing()
    {
        using var network = new SmallNetwork();
        using var photos = new Photos();
        using var backbone = network.Load();
        AutoFitReport With(string set, int seed)
        {
            photos.Folder($"{set}/train", 6);
            photos.Folder($"{set}/test", 3, seed);
            return AutoFit.Run(backbone, LabelledImages.Open(photos[set]), photos["model.onnx"], Options);
        }

        var (one, other) = (With("one", 2), With("other", 3));
        Assert.That(other.Layers.Select(static layer => layer.CrossValidated), Is.EqualTo(one.Layers.Select(static layer => layer.CrossValidated)));
        Assert.That(other.Fit.Taps.Taps, Is.EqualTo(one.Fit.Taps.Taps));
    }

    [Test]
    public void A_given_c_is_the_one_that_layers_are_compared_at()
    {
        using var network = new SmallNetwork();
        using var photos = new Photos();
        using var backbone = network.Load();
        var options = Options with { Head = Options.Head with { C = 0.5 } };
        var auto = AutoFit.Run(backbone, LabelledImages.Open(photos.Folder("set", 8)), photos["model.onnx"], options);
        Assert.That(auto.Layers.Select(static layer => layer.C), Is.All.EqualTo(0.5));
        Assert.That(auto.Fit.Head.Selection, Is.Null);
        Assert.That(auto.Layers.Select(static layer => layer.CrossValidated.Accuracy), Is.EqualTo(auto.Layers.Select(static layer => layer.HeldOut.Average(static right => right is true ? 1.0 : 0))));
    }

    [Test]
    public void Codes_that_are_all_the_same_are_refused_with_the_layer_named_or_not()
    {
        using var network = new SmallNetwork();
        using var photos = new Photos();
        using var backbone = network.Load();
        var jpeg = Photos.Jpeg("discs", new Random(1));
        foreach (var name in new[] { "a/1", "a/2", "a/3", "b/1", "b/2", "b/3" })
        {
            photos.Write($"same/{name}.jpg", jpeg);
        }

        var images = LabelledImages.Open(photos["same"]);
        Sentences.Fails(FailureKind.Data, () => AutoFit.Run(backbone, images, photos["model.onnx"], Options), "same codes at", "|avg");
        Sentences.Fails(FailureKind.Data, () => Fit.Run(backbone, images, photos["model.onnx"], Options with { Taps = ["first", "second"] }), "same codes at first|avg + second|avg");
        Sentences.Fails(FailureKind.Data, () => Doctor.Run(backbone, images), "same codes at");
    }

    [Test]
    public void Stages_that_the_image_size_rules_out_are_told()
    {
        using var photos = new Photos();
        using var backbone = Backbone.Load(SharedFiles.ResNet18(), new BackboneOptions { Size = 40 });
        var images = LabelledImages.Open(photos.Folder("set", 5));
        var lost = backbone.Taps.LostStages;
        Assert.That(lost, Does.StartWith("stage3, stage4 and penultimate cannot be computed from images of 40 x 40 because "));
        Assert.That(AutoFit.Run(backbone, images, photos["model.onnx"], Options).Fit.Notes, Does.Contain(lost));
        Assert.That(Advisor.Run(backbone, images).Study.Notes, Does.Contain(lost));
        Assert.That(Doctor.Run(backbone, images).Notes, Does.Contain(lost));
        var options = new LayerStudyOptions { Poolings = [Pooling.Average], Losses = [HeadLoss.Softmax] };
        Assert.That(LayerStudy.Run(backbone, images, options).Notes, Does.Contain(lost));
        Assert.That(LayerStudy.Run(backbone, images, options with { Taps = ["stage1"] }).Notes, Does.Not.Contain(lost), "layers that are named");
    }

    [Test]
    public void Where_nothing_can_be_compared_a_note_says_so()
    {
        using var network = new SmallNetwork();
        using var photos = new Photos();
        using var backbone = network.Load();
        photos.Folder("set/train", 1);
        photos.Folder("set/test", 1, seed: 2);
        var options = Options with { Head = new HeadOptions { Loss = HeadLoss.NearestMean } };
        var auto = AutoFit.Run(backbone, LabelledImages.Open(photos["set"]), photos["model.onnx"], options);
        Assert.That((auto.Choice, auto.Layers.Count), Is.EqualTo(((LayerChoice<LayerTrial>?)null, 0)));
        Assert.That(auto.Fit.Notes[^1], Does.Contain("single training image").And.Contain("--tap"));

        var open = AutoFit.Run(backbone, LabelledImages.Open(photos["set"]), photos["model.onnx"], Options).Fit;
        Assert.That((open.Head.C, open.Head.Selection), Is.EqualTo((Fit.CWithoutChoice, (CSelection?)null)));
        Assert.That(open.Notes, Has.One.Contains("C cannot be chosen").And.One.Contains("single training image, so layers"));
        Sentences.Fails(
            FailureKind.Data,
            () => AutoFit.Run(backbone, LabelledImages.Open(photos["set"]), photos["model.onnx"], Options with { Head = new HeadOptions { Selection = new SelectionOptions { Nested = true } } }),
            "single image");
        Sentences.Fails(
            FailureKind.Usage,
            () => AutoFit.Run(backbone, LabelledImages.Open(photos["set"]), photos["model.onnx"], Options with { Poolings = [Pooling.Flatten] }),
            "--tap");
    }
}
