using OnnxTransfer.Cli.Tests;
using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Engine.Tests;
using OnnxTransfer.Heads;
using OnnxTransfer.Onnx;
using DataType = OnnxTransfer.Onnx.Protos.TensorProto.Types.DataType;

namespace OnnxTransfer.Study.Tests;

public class LayerStudyTests
{
    private static readonly LayerStudyOptions Quick = new() { Poolings = [Pooling.Average, Pooling.Grid2], Losses = [HeadLoss.Softmax] };

    [Test]
    public void Every_layer_is_scored_with_every_pooling_and_head_on_the_same_images()
    {
        using var network = new SmallNetwork();
        using var photos = new Photos();
        using var backbone = network.Load();
        var options = new LayerStudyOptions { Taps = ["first", "second"], Poolings = [Pooling.Average, Pooling.Maximum] };
        var report = LayerStudy.Run(backbone, LabelledImages.Open(photos.Folder("set", 12)), options);
        Assert.That(report.Scores.Select(static score => score.Name), Is.EqualTo(new[]
        {
            "first|avg, softmax", "first|avg, svm", "first|max, softmax", "first|max, svm",
            "second|avg, softmax", "second|avg, svm", "second|max, softmax", "second|max, svm",
        }));
        Assert.Multiple(() =>
        {
            Assert.That((report.TrainImages, report.TestImages), Is.EqualTo((36, 0)));
            Assert.That(report.Classes, Is.EqualTo(Photos.Classes));
            Assert.That(report.Scores, Does.Contain(report.Recommended.Chosen).And.Contain(report.Recommended.Best));
            Assert.That(report.Proof, Is.Not.Null);
            foreach (var score in report.Scores)
            {
                Assert.That(score.HeldOut, Has.Count.EqualTo(36));
                Assert.That(score.HeldOut.Count(static right => right is true), Is.EqualTo(36 * score.CrossValidated.Accuracy).Within(1e-9));
                Assert.That(score.Test, Is.Null);
                Assert.That(score.Cost.MillisecondsAlone, Is.Positive);
                Assert.That(score.HeadBytes, Is.EqualTo(3 * (score.Tap.Width + 1) * 4));
            }

            Assert.That(report.Scores[^1].Cost.Bytes, Is.GreaterThan(report.Scores[0].Cost.Bytes));
        });
    }

    [Test]
    public void The_best_layer_is_joined_with_one_of_every_resolution_on_the_same_folds()
    {
        using var network = new SmallNetwork();
        using var photos = new Photos();
        using var backbone = network.Load();
        var report = LayerStudy.Run(backbone, LabelledImages.Open(photos.Folder("set", 10)), Quick with { Taps = ["first", "second", "pool"] });
        var (best, pairs) = (report.Recommended.Best, report.Concatenations);
        var others = report.Scores.Where(score => score.Tap.Point.Name != best.Tap.Point.Name).ToList();
        Assert.That(pairs.Select(static pair => pair.Other.Tap.Point.Stride), Is.EquivalentTo(others.Select(static score => score.Tap.Point.Stride).Distinct()));
        foreach (var pair in pairs)
        {
            Assert.That(pair.Best, Is.SameAs(best));
            Assert.That(pair.Other.CrossValidated.Accuracy, Is.EqualTo(others.Where(score => score.Tap.Point.Stride == pair.Other.Tap.Point.Stride).Max(static score => score.CrossValidated.Accuracy)));
            Assert.That(pair.AdjustedPValue, Is.InRange(pair.PValue, 1));
            Assert.That(pair.Pays, Is.False.Or.EqualTo(pair.AdjustedPValue < 0.05));
        }

        Assert.That(LayerStudy.Run(backbone, LabelledImages.Open(photos["set"]), Quick with { Taps = ["first"] }).Concatenations, Is.Empty);
    }

    [Test]
    public void Layers_that_are_beyond_the_budget_together_are_not_joined()
    {
        using var network = new SmallNetwork();
        using var photos = new Photos();
        using var backbone = network.Load();
        var images = LabelledImages.Open(photos.Folder("set", 10));
        var options = Quick with { Taps = ["first", "second"], Poolings = [Pooling.Average] };
        var free = LayerStudy.Run(backbone, images, options);
        LayerReport Within(double bytes) => LayerStudy.Run(backbone, images, options with { Budget = new Budget(null, bytes / 1e6) });
        Assert.That(free.Concatenations, Has.Count.EqualTo(1));
        Assert.That(Within(free.Scores.Max(static score => score.Bytes) + 10_000).Concatenations, Has.Count.EqualTo(1));
        Assert.That(Within(free.Scores.Max(static score => score.Bytes) + 0.5).Concatenations, Is.Empty, "each is within it, and both together are not");

        var small = Within(free.Scores.Min(static score => score.Bytes) + 0.5);
        Assert.That((small.Recommended.Best.Tap.Point.Name, small.Concatenations.Count), Is.EqualTo(("first", 0)));
    }

    [Test]
    public void A_budget_that_nothing_fits_is_told_before_any_image_is_read()
    {
        using var network = new SmallNetwork();
        using var photos = new Photos();
        using var backbone = network.Load();
        var stages = new Stages();
        var images = LabelledImages.Open(photos.Folder("set", 4));
        Sentences.Fails(FailureKind.Usage, () => LayerStudy.Run(backbone, images, Quick with { Budget = new Budget(null, 1e-6) }, stages), "budget (1E-06 MB)", "smallest 0.00");
        Assert.That(stages.Heard, Is.EqualTo(new[] { "Timing layers" }));
    }

    private sealed class Stages : IProgress<StudyProgress>
    {
        public HashSet<string> Heard { get; } = [];

        public void Report(StudyProgress value) => Heard.Add(value.Stage);
    }

    [Test]
    public void Layers_are_guessed_by_their_codes_whatever_the_head()
    {
        using var network = new SmallNetwork();
        using var photos = new Photos();
        using var backbone = network.Load();
        var report = LayerStudy.Run(backbone, LabelledImages.Open(photos.Folder("set", 8)), Quick with { Losses = [HeadLoss.Softmax, HeadLoss.SquaredHinge] });
        foreach (var layer in report.Scores.GroupBy(static score => score.Tap.Key))
        {
            Assert.That(layer.Select(static score => (score.LogMe, score.HScore)).Distinct().Single().LogMe, Is.Not.Null);
        }

        Assert.That(report.Guesses, Is.EqualTo(AccuracyGuesses.Of(report.Scores)));
        Assert.That(report.Guesses.Layers, Is.EqualTo(report.Scores.Select(static score => score.Tap.Key).Distinct().Count()));
    }

    [Test]
    public void A_second_study_says_the_same()
    {
        using var network = new SmallNetwork();
        using var photos = new Photos();
        using var backbone = network.Load();
        var images = LabelledImages.Open(photos.Folder("set", 10));
        var (one, two) = (LayerStudy.Run(backbone, images, Quick), LayerStudy.Run(backbone, images, Quick));
        Assert.That(two.Scores.Select(static score => (score.Name, score.C, score.CrossValidated)), Is.EqualTo(one.Scores.Select(static score => (score.Name, score.C, score.CrossValidated))));
        Assert.That(two.Scores.SelectMany(static score => score.HeldOut), Is.EqualTo(one.Scores.SelectMany(static score => score.HeldOut)));
        Assert.That(two.Recommended.Chosen.Name, Is.EqualTo(one.Recommended.Chosen.Name));
    }

    [Test]
    public void A_test_part_is_tested_and_not_learned_from()
    {
        using var network = new SmallNetwork();
        using var photos = new Photos();
        using var backbone = network.Load();
        photos.Folder("set/train", 8);
        photos.Folder("set/test", 4, seed: 2);
        var report = LayerStudy.Run(backbone, LabelledImages.Open(photos["set"]), Quick);
        Assert.That((report.TrainImages, report.TestImages), Is.EqualTo((24, 12)));
        Assert.That(report.Scores.Select(static score => score.Test!.Images), Is.All.EqualTo(12));
        Assert.That(report.Scores.Select(static score => score.HeldOut.Count), Is.All.EqualTo(24));
    }

    [Test]
    public void A_store_that_is_kept_is_used_again()
    {
        using var network = new SmallNetwork();
        using var photos = new Photos();
        using var backbone = network.Load();
        var images = LabelledImages.Open(photos.Folder("set", 5));
        var options = Quick with { Store = network.Store };
        var first = LayerStudy.Run(backbone, images, options);
        var again = LayerStudy.Run(backbone, images, options);
        Assert.That((first.Proof is null, again.Proof is null), Is.EqualTo((false, true)));
    }

    [Test]
    public void Without_names_the_ends_of_the_network_are_taken_and_never_its_scores()
    {
        using var network = new SmallNetwork();
        using var backbone = network.Load();
        var names = StudyTaps.Of(backbone, Quick).Select(static tap => tap.Point.Name).Distinct();
        Assert.That(names, Is.EqualTo(backbone.Taps.Ends.Select(static point => point.Name)).And.Contain("second").And.No.Member("probabilities"));
        Assert.That(StudyTaps.Of(backbone, Quick with { All = true }).Select(static tap => tap.Point.Name).Distinct().Count(), Is.EqualTo(backbone.Taps.Points.Count));
    }

    [Test]
    public void Bad_input_is_told_in_a_sentence()
    {
        using var network = new SmallNetwork();
        using var photos = new Photos();
        using var backbone = network.Load();
        var images = LabelledImages.Open(photos.Folder("set", 4));
        void Fails(FailureKind kind, LabelledImages set, LayerStudyOptions options, params string[] words) =>
            Sentences.Fails(kind, () => LayerStudy.Run(backbone, set, options), words);

        Fails(FailureKind.Model, images, Quick with { Taps = ["third"] }, "'third'");
        Fails(FailureKind.Usage, images, Quick with { Poolings = [] }, "pooling");
        Fails(FailureKind.Usage, images, Quick with { Losses = [] }, "head");
        Fails(FailureKind.Usage, images, Quick with { Losses = [HeadLoss.Softmax, HeadLoss.Lda] }, "lda", "softmax");
        Fails(FailureKind.Usage, images, Quick with { Taps = ["first"], All = true }, "named");
        Fails(FailureKind.Usage, images, Quick with { Head = new HeadOptions { C = 1 } }, "leave C out");
        Fails(FailureKind.Usage, images, Quick with { Budget = new Budget(double.NaN, null) }, "above 0");
        Fails(FailureKind.Usage, images, Quick with { Budget = new Budget(1e-9, null) }, "budget", "ms");
        Fails(FailureKind.Data, LabelledImages.Open(photos.Folder("single", 1)), Quick, "image");

        var jpeg = Photos.Jpeg("discs", new Random(1));
        foreach (var name in new[] { "a/1", "a/2", "b/1", "b/2" })
        {
            photos.Write($"same/{name}.jpg", jpeg);
        }

        Fails(FailureKind.Data, LabelledImages.Open(photos["same"]), Quick, "same codes", "second|grid2");

        for (var k = 0; k <= LayerStudy.MostClasses; k++)
        {
            photos.Write($"many/{k}/1.jpg", "1");
            photos.Write($"many/{k}/2.jpg", "2");
        }

        Fails(FailureKind.Data, LabelledImages.Open(photos["many"]), Quick, "1,001 classes", "1,000", "many");
    }

    [Test]
    public void Codes_that_are_no_numbers_are_told_with_their_layer()
    {
        using var network = new SmallNetwork(more: static graph =>
            graph.Output(graph.Add("Sqrt", [graph.Add("Neg", ["second"], "minus")], "roots"), DataType.Float, "N", 6, 4, 4));
        using var photos = new Photos();
        using var backbone = network.Load();
        Sentences.Fails(FailureKind.Mathematics, () => LayerStudy.Run(backbone, LabelledImages.Open(photos.Folder("set", 3)), Quick with { Taps = ["roots"] }), "roots|avg", "not finite");
    }

    [Test]
    public void A_network_of_nothing_but_scores_has_no_layer()
    {
        using var photos = new Photos();
        var graph = GraphBuilder.Empty("flat", 13, 7);
        graph.Input("image", DataType.Float, "N", 3, 16, 16);
        graph.Output(graph.Add("Softmax", [graph.Add("Flatten", ["image"], "pixels", ("axis", 1L))], "probabilities", ("axis", 1L)), DataType.Float, "N", 768);
        graph.Build().Write(photos["flat.onnx"]);
        photos.Write("flat.recipe.json", SmallNetwork.RecipeText);
        using var backbone = Backbone.Load(photos["flat.onnx"]);
        Sentences.Fails(FailureKind.Model, () => LayerStudy.Run(backbone, LabelledImages.Open(photos.Folder("set", 3)), Quick), "no layer", "flat.onnx");
    }
}
