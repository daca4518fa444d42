using System.Text.Json;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;
using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning.Tests.Tuning;

public class FineTuneTests
{
    [Test]
    public void It_learns_what_no_linear_head_on_the_network_can()
    {
        using var photos = new StripedPhotos(each: 20);
        var tuned = photos.Run(StripedPhotos.Quick with { Epochs = 25 });
        Assert.That(tuned.HeadTestAccuracy!.Value.Value, Is.LessThan(0.75), "both classes have the same pixels");
        Assert.That(tuned.Test.Accuracy, Is.GreaterThanOrEqualTo(0.99));
        Assert.That(tuned.Epochs[^1].Loss, Is.LessThan(0.3 * tuned.Epochs[0].Loss!.Value));
        Assert.That(Directory.GetFiles(photos.Output + ".training").Select(Path.GetFileName), Is.EquivalentTo(new[] { "loss.svg", "metrics.jsonl" }));
    }

    [TestCase(HeadLoss.SquaredHinge)]
    [TestCase(HeadLoss.Logistic)]
    public void One_vs_rest_losses_learn_it_too(HeadLoss loss)
    {
        using var photos = new StripedPhotos(each: 20);
        var tuned = photos.Run(StripedPhotos.Quick with { Epochs = 25, Head = new HeadOptions { Standardize = true, Loss = loss } });
        Assert.That(tuned.Head!.Loss, Is.EqualTo(loss));
        Assert.That(tuned.Test.Accuracy, Is.GreaterThanOrEqualTo(0.99));
        Assert.That(tuned.Epochs[^1].Loss, Is.LessThan(0.3 * tuned.Epochs[0].Loss!.Value));
    }

    [Test]
    public void What_it_exports_tells_of_the_head_that_it_began_with_and_of_the_training()
    {
        using var photos = new StripedPhotos();
        photos.Run(StripedPhotos.Quick with { TrainFrom = "first", Rate = 0.02 });
        using var provenance = JsonDocument.Parse(OnnxModel.Read(photos.Output).Metadata(ModelMetadata.Provenance)!);
        Assert.That(provenance.RootElement.GetProperty("head").GetProperty("loss").GetString(), Is.EqualTo("softmax"));
        var training = provenance.RootElement.GetProperty("training");
        Assert.That(
            (training.GetProperty("trainFrom").GetString(), training.GetProperty("epochs").GetInt32(), training.GetProperty("rate").GetDouble(), training.GetProperty("loss").GetString()),
            Is.EqualTo(("first", 2, 0.02, "softmax")));
        Assert.That(training.GetProperty("bestEpoch").GetInt32(), Is.InRange(0, 2));
    }

    [Test]
    public void Where_no_epoch_is_better_than_the_start_on_the_validation_part_the_start_is_exported()
    {
        using var photos = new StripedPhotos();
        var idle = photos.Run(StripedPhotos.Quick with { Rate = 1e-30 });
        Assert.Multiple(() =>
        {
            Assert.That(idle.Epochs.Select(epoch => new ValidationReport(epoch.ValidationLoss, epoch.ValidationAccuracy!.Value)), Is.All.EqualTo(idle.Start), "so small a rate moves no weight");
            Assert.That(idle.BestEpoch, Is.Zero);
            Assert.That(idle.Test.Accuracy, Is.EqualTo(idle.HeadTestAccuracy!.Value.Value));
            Assert.That(idle.Notes, Has.Some.Contains("No epoch was better"));
            Assert.That(MetricsLog.Read(idle.Metrics).Select(line => line.Kind).First(), Is.EqualTo("start"));
        });
    }

    [Test]
    public void Gradients_are_shortened_to_the_clip_and_told_at_their_length()
    {
        using var photos = new StripedPhotos();
        var options = StripedPhotos.Quick with { Optimizer = "sgd", Rate = 0.1, WeightDecay = 0, ValidationShare = 0 };
        var (held, free) = (Gain(1e-7), Gain(0));
        Assert.Multiple(() =>
        {
            Assert.That(Math.Abs(held.Gain), Is.LessThan(1e-5));
            Assert.That(free.Gain, Is.GreaterThan(1e-3));
            Assert.That(held.First, Is.EqualTo(free.First).And.GreaterThan(1e-3));
        });

        (double Gain, double First) Gain(double clip)
        {
            var tuned = photos.Run(options with { Clip = clip });
            var first = MetricsLog.Read(tuned.Metrics).First(line => line.Kind == "update").GradientLength!.Value;
            return (tuned.Epochs[0].Loss!.Value - tuned.Epochs[1].Loss!.Value, first);
        }
    }

    [Test]
    public void A_training_that_is_resumed_does_not_train_its_head_again()
    {
        using var photos = new StripedPhotos();
        var whole = photos.Run(StripedPhotos.Quick with { Folder = photos["whole"] });
        var bytes = File.ReadAllBytes(photos.Output);
        var options = StripedPhotos.Quick with { Folder = photos["cut"], CheckpointUpdates = 1 };
        using var stop = new CancellationTokenSource();
        Sentences.Of(FailureKind.Interrupted, () => photos.Run(options, new Told(_ => stop.Cancel()), stop.Token));
        Assert.That(Directory.GetFiles(photos["cut"], "head.*").Select(Path.GetFileName), Is.EquivalentTo(new[] { "head.onnx", "head.json" }));
        Sentences.Fails(FailureKind.Usage, () => photos.Run(options with { Resume = true, Tap = "first" }), "began with a head on codes of 8 numbers");
        var resumed = photos.Run(options with { Resume = true });
        Assert.That(resumed.Stages.Select(stage => stage.Stage), Has.None.EqualTo("train the head").And.None.EqualTo("extract codes"));
        Assert.That(resumed.HeadTestAccuracy, Is.EqualTo(whole.HeadTestAccuracy));
        Assert.That(resumed.Epochs.Select(epoch => epoch.Loss), Is.EqualTo(whole.Epochs.Select(epoch => epoch.Loss)), "the epoch that was cut counts all its images");
        Assert.That(File.ReadAllBytes(photos.Output), Is.EqualTo(bytes));
        Assert.That(Directory.GetFiles(photos["cut"], "head.*"), Is.Empty);
    }

    [Test]
    public void An_interrupted_training_keeps_its_last_update_and_says_so()
    {
        using var photos = new StripedPhotos();
        photos.Run(StripedPhotos.Quick);
        var bytes = File.ReadAllBytes(photos.Output);
        var options = StripedPhotos.Quick with { Folder = photos["cut"] };
        using var stop = new CancellationTokenSource();
        var sentence = Sentences.Of(FailureKind.Interrupted, () => photos.Run(options, new Told(_ => stop.Cancel()), stop.Token));
        Assert.That(sentence, Does.Contain("after 1 of").And.Contain("a checkpoint after 1 is in").And.Contain("--resume"));
        photos.Run(options with { Resume = true });
        Assert.That(File.ReadAllBytes(photos.Output), Is.EqualTo(bytes));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Normalisations_whose_numbers_are_stored_once_learn_their_own_statistics(bool fromScratch)
    {
        using var photos = new StripedPhotos(between: (graph, x) =>
        {
            var (mean, variance) = (graph.Constant("mean", new float[6], 6), graph.Constant("variance", [1f, 1, 1, 1, 1, 1], 6));
            var (scale, shift) = (graph.Add("Identity", [variance], "scale"), graph.Add("Identity", [graph.Add("Identity", [mean], "zeros")], "shift"));
            var once = graph.Add("BatchNormalization", [x, scale, shift, mean, variance], "once");
            return graph.Add("BatchNormalization", [once, graph.Add("Identity", [variance], "scale/twice"), shift, mean, graph.Add("Identity", [variance], "variance/twice")], "twice");
        });
        var tuned = photos.Run(StripedPhotos.Quick with { FromScratch = fromScratch, BatchStatistics = true });
        var plain = StripedPhotos.Network().Proto.Graph.Initializer.Where(tensor => !tensor.Name.StartsWith("fc", StringComparison.Ordinal)).Sum(TensorData.Elements);
        Assert.That(tuned.Learned, Is.EqualTo(plain + 18 + (3 * 6)), "the head, two scales and the shift that both have");
    }

    [TestCase("loss")]
    [TestCase("targets")]
    [TestCase("head/weights")]
    public void Networks_may_have_the_names_that_a_training_has_for_itself(string name)
    {
        using var photos = new StripedPhotos(between: (graph, x) => graph.Add("Mul", [x, graph.Constant(name, [1.5f])], name + "/times"));
        Assert.That(photos.Run(StripedPhotos.Quick with { TrainFrom = "head" }).Learned, Is.EqualTo(18));
        Assert.That(photos.Run(StripedPhotos.Quick).Updates, Is.EqualTo(4));
    }

    [Test]
    public void A_resumption_refuses_other_images_to_learn_from_be_it_one_that_can_no_longer_be_read()
    {
        using var photos = new StripedPhotos(each: 20);
        var options = StripedPhotos.Quick with { CheckpointUpdates = 1 };
        using var stop = new CancellationTokenSource();
        Sentences.Of(FailureKind.Interrupted, () => photos.Run(options, new Told(_ => stop.Cancel()), stop.Token));
        var learned = TrainingParts.Of(photos.Images, options).Train[0];
        File.WriteAllText(photos[Path.Combine("photos", learned.Id)], "no image");
        Sentences.Fails(FailureKind.Usage, () => photos.Run(options with { Resume = true }), "other images");
    }

    [Test]
    public void What_it_exports_is_a_backbone_with_its_recipe_and_can_be_trained_on()
    {
        using var photos = new StripedPhotos(norm: true);
        photos.Run(StripedPhotos.Quick with { Epochs = 1 });
        using var backbone = Backbone.Load(photos.Output);
        Assert.That((backbone.Recipe.Size, backbone.Tap("penultimate").Width), Is.EqualTo((16, 8)));
        Assert.That(new Graph(backbone.Model).Nodes.Select(node => node.OpType), Has.None.EqualTo("BatchNormalization"));
        var again = FineTune.Run(backbone, photos.Images, photos["again.onnx"], StripedPhotos.Quick with { Epochs = 1 });
        Assert.That(again.Test.Labels, Is.EqualTo(new[] { "level", "upright" }));
    }

    [TestCase("all", false, false)]
    [TestCase("head", false, true)]
    [TestCase("second", false, true)]
    [TestCase("first", false, true)]
    [TestCase("all", true, false)]
    public void Every_border_and_either_batch_normalisation_trains_and_exports(string trainFrom, bool batchStatistics, bool hasBorder)
    {
        using var photos = new StripedPhotos(norm: true);
        var tuned = photos.Run(StripedPhotos.Quick with { TrainFrom = trainFrom, BatchStatistics = batchStatistics, ValidationShare = 0, Store = photos["store"] });
        Assert.That((tuned.Border.Count > 0, tuned.IsCached, tuned.BestEpoch), Is.EqualTo((hasBorder, hasBorder, (int?)null)));
        Assert.That(tuned.Notes.Any(note => note.Contains("kept in the store", StringComparison.Ordinal)), Is.EqualTo(!hasBorder));
        using var classifier = ImageClassifier.Load(photos.Output);
        Assert.That(classifier.Labels, Is.EqualTo(new[] { "level", "upright" }));
    }

    [Test]
    public void A_rate_that_is_far_too_high_stops_with_a_sentence_and_keeps_no_weight_that_is_not_finite()
    {
        using var photos = new StripedPhotos();
        var sentence = Sentences.Of(FailureKind.Mathematics, () => photos.Run(StripedPhotos.Quick with { Rate = 1e30, Optimizer = "sgd", CheckpointUpdates = 1 }));
        Assert.That(sentence, Does.Contain("not finite in update").And.Contain("smaller --rate").And.Contain("checkpoint"));
        Assert.That(File.Exists(photos.Output), Is.False);
    }

    [Test]
    public void A_training_that_had_ended_early_when_it_was_killed_learns_nothing_more()
    {
        using var photos = new StripedPhotos();
        var options = StripedPhotos.Quick with { Epochs = 30, Patience = 1, Rate = 1e-30 };
        var whole = photos.Run(options with { Folder = photos["whole"] });
        var bytes = File.ReadAllBytes(photos.Output);
        Assert.That(whole.Epochs, Has.Count.EqualTo(1), "an accuracy that stays is not better");

        // A folder that comes into the output's place lets the export fail, after the last checkpoint.
        File.Delete(photos.Output);
        Assert.Throws<OnnxTransferException>(() => photos.Run(
            options with { Folder = photos["cut"] }, new Told(_ => Directory.CreateDirectory(photos.Output))));
        Directory.Delete(photos.Output);
        Assert.That(photos.Run(options with { Folder = photos["cut"], Resume = true }).Updates, Is.EqualTo(whole.Updates));
        Assert.That(File.ReadAllBytes(photos.Output), Is.EqualTo(bytes));
    }

    private sealed class Told(Action<FineTuneProgress> hear) : IProgress<FineTuneProgress>
    {
        public void Report(FineTuneProgress value) => hear(value);
    }
}
