using Google.Protobuf;
using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;
using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning.Tests.Tuning;

/// <summary>What users get wrong or machines take away: one sentence each, and nothing that was learned is lost.</summary>
public class BadInputTests
{
    [Test]
    public void A_node_without_a_gradient_is_named_with_the_layer_that_training_works_from()
    {
        using var photos = new StripedPhotos(between: (graph, x) => graph.Add("Sin", [x], "odd"));
        var sentence = Sentences.Of(FailureKind.Model, () => photos.Run(StripedPhotos.Quick));
        Assert.That(sentence, Does.Contain("Sin").And.Contain("odd").And.Contain("--train-from second"));
        Assert.That(photos.Run(StripedPhotos.Quick with { TrainFrom = "second" }).Updates, Is.EqualTo(4));
    }

    [Test]
    public void A_shape_that_only_the_images_tell_is_named()
    {
        using var photos = new StripedPhotos(between: (graph, x) => graph.Add("Compress", [x, graph.Add("Greater", [x, graph.Constant("low", [0f])], "kept")], "some"));
        Sentences.Fails(FailureKind.Model, () => photos.Run(StripedPhotos.Quick), "cannot be known before it runs", "Compress", "earlier tap");
    }

    [Test]
    public void Weights_of_whole_numbers_are_refused()
    {
        using var photos = new StripedPhotos(between: (graph, x) => graph.Add(
            "DequantizeLinear", [graph.Add("QuantizeLinear", [x, graph.Constant("step", [0.05f])], "bytes"), graph.Constant("step", [0.05f])], "numbers"));
        Sentences.Fails(FailureKind.Model, () => photos.Run(StripedPhotos.Quick), "quantised", "QuantizeLinear", "float model");
    }

    [Test]
    public void Weights_of_whole_numbers_that_are_cast_are_refused_too()
    {
        var graph = GraphBuilder.Empty("cast", 13, 7);
        graph.Input("image", DataType.Float, "N", 4);
        graph.Output(graph.Add("MatMul", ["image", graph.Add("Cast", ["bytes"], "kernel", ("to", (long)DataType.Float))], "scores"), DataType.Float, "N", 2);
        var proto = graph.Build().Proto.Clone();
        proto.Graph.Initializer.Add(new TensorProto { Name = "bytes", DataType = (int)DataType.Int8, Dims = { 4, 2 }, RawData = ByteString.CopyFrom(new byte[8]) });
        Sentences.Fails(FailureKind.Model, () => Quantised.Refuse(OnnxModel.FromProto(proto, "cast.onnx")), "quantised", "Cast", "float model");
    }

    [Test]
    public void Numbers_that_cannot_be_meant_are_named_with_what_can()
    {
        foreach (var (options, said) in new (FineTuneOptions, string)[]
        {
            (new() { Rate = double.PositiveInfinity }, "learning rate"), (new() { Clip = double.PositiveInfinity }, "shortened to"), (new() { WeightDecay = double.PositiveInfinity }, "weight decay"),
            (new() { CheckpointMinutes = 1e20 }, "minutes above 0"), (new() { Threads = -1 }, "threads -1"), (new() { Threads = 100_000 }, "threads 100000"),
        })
        {
            Sentences.Fails(FailureKind.Usage, options.Check, said);
        }
    }

    [Test]
    public void An_image_without_a_label_is_named()
    {
        using var photos = new StripedPhotos(each: 4);
        var images = photos.Images;
        var bare = new LabelledImages("photos", images.Select(image => image.Id == images[3].Id ? new LabelledImage(image.Id, null, image.Content) : image));
        using var backbone = Backbone.Load(photos.Model);
        Sentences.Fails(FailureKind.Data, () => FineTune.Run(backbone, bare, photos.Output, StripedPhotos.Quick), images[3].Id, "no label", "1 of 8");
    }

    [Test]
    public void Losses_and_what_does_not_go_with_them_are_named()
    {
        using var photos = new StripedPhotos(each: 4);
        FineTuneOptions With(HeadLoss loss) => StripedPhotos.Quick with { Head = new HeadOptions { Loss = loss } };
        Sentences.Fails(FailureKind.Usage, () => photos.Run(With(HeadLoss.Hinge)), "loss hinge", "softmax, svm or logistic");
        Sentences.Fails(FailureKind.Usage, () => photos.Run(With(HeadLoss.Logistic) with { Smoothing = 0.1 }), "smoothing", "logistic");
        Sentences.Fails(FailureKind.Usage, () => photos.Run(With(HeadLoss.SquaredHinge) with { Augmentation = "light+cutmix" }), "hinge", "cutmix", "--loss");
    }

    [Test]
    public void A_batch_of_one_has_no_statistics()
    {
        using var photos = new StripedPhotos(each: 4, norm: true);
        Sentences.Fails(FailureKind.Usage, () => photos.Run(StripedPhotos.Quick with { Batch = 1, BatchStatistics = true }), "batch of one image", "--batch-norm keep");
    }

    [Test]
    public void An_engine_with_one_rate_names_the_options_to_change_before_anything_is_read()
    {
        using var photos = new StripedPhotos(each: 0);
        Directory.CreateDirectory(photos["photos"]);
        using var backbone = Backbone.Load(photos.Model);
        var images = new LabelledImages("none", []);
        var sentence = Sentences.Of(FailureKind.Usage, () => FineTune.Run(backbone, images, photos.Output, new FineTuneOptions { Engine = "wasm" }));
        Assert.That(sentence, Does.Contain("engine wasm").And.Contain("--optimizer to adamw").And.Contain("--weight-decay to 0").And.Contain("--backbone-factor to 1").And.Contain("--engine graph"));
        var head = Sentences.Of(FailureKind.Usage, () => FineTune.Run(backbone, images, photos.Output, new FineTuneOptions { Engine = "ort", TrainFrom = "head", WeightDecay = 0 }));
        Assert.That(head, Does.Contain("--optimizer to adamw").And.Not.Contain("--backbone-factor").And.Not.Contain("--weight-decay"));
    }

    [Test]
    public void A_checkpoint_of_another_model_is_refused_and_kept()
    {
        using var photos = new StripedPhotos();
        var options = StripedPhotos.Quick with { CheckpointUpdates = 1, Folder = photos["training"] };
        Interrupt(photos, options, after: 2);
        var bytes = File.ReadAllBytes(photos["training/checkpoint"]);
        StripedPhotos.Network(norm: true).Write(photos.Model);
        Sentences.Fails(FailureKind.Model, () => photos.Run(options with { Resume = true }), "checkpoint of another model", photos["training"]);
        Sentences.Fails(FailureKind.Usage, () => photos.Run(options), "has not ended", "--resume");
        Assert.That(File.ReadAllBytes(photos["training/checkpoint"]), Is.EqualTo(bytes));
        StripedPhotos.Network().Write(photos.Model);
        Sentences.Fails(FailureKind.Usage, () => photos.Run(options with { Resume = true, Rate = 0.5 }), "other options");
        Assert.That(photos.Run(options with { Resume = true }).Updates, Is.EqualTo(4));
    }

    [Test]
    public void A_full_disk_is_a_sentence_and_the_checkpoint_before_it_can_be_gone_on_with()
    {
        using var photos = new StripedPhotos();
        photos.Run(StripedPhotos.Quick);
        var expected = File.ReadAllBytes(photos.Output);
        using var disk = new SmallDisk(photos["disk"], "size=400k");
        var options = StripedPhotos.Quick with { CheckpointUpdates = 1, Folder = photos["disk/training"] };
        Interrupt(photos, options, after: 2);
        var bytes = File.ReadAllBytes(photos["disk/training/checkpoint"]);
        Fill(photos["disk/filler"]);
        Sentences.Fails(FailureKind.Machine, () => photos.Run(options with { Resume = true }), "Cannot write", photos["disk/training"]);
        Assert.That(File.ReadAllBytes(photos["disk/training/checkpoint"]), Is.EqualTo(bytes));
        Assert.That(Directory.GetFiles(photos["disk/training"], "*.part"), Is.Empty);
        File.Delete(photos["disk/filler"]);
        photos.Run(options with { Resume = true });
        Assert.That(File.ReadAllBytes(photos.Output), Is.EqualTo(expected));
    }

    private static void Interrupt(StripedPhotos photos, FineTuneOptions options, int after)
    {
        using var stop = new CancellationTokenSource();
        var sentence = Sentences.Of(FailureKind.Interrupted, () => photos.Run(options, new Updates(at =>
        {
            if (at >= after)
            {
                stop.Cancel();
            }
        }), stop.Token));
        Assert.That(sentence, Does.Contain("--resume"));
    }

    private static void Fill(string file)
    {
        using var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                stream.Write(new byte[1024]);
                stream.Flush(flushToDisk: true);
            }
        }
        catch (IOException)
        {
            // It is full.
        }
    }

    private sealed class Updates(Action<long> hear) : IProgress<FineTuneProgress>
    {
        public void Report(FineTuneProgress value) => hear(value.Update);
    }
}
