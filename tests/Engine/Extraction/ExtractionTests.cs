using Microsoft.ML.OnnxRuntime;
using OnnxTransfer.Datasets;
using OnnxTransfer.Imaging;
using OnnxTransfer.Onnx;

namespace OnnxTransfer.Engine.Tests;

public class ExtractionTests
{
    [TestCase(1)]
    [TestCase(4)]
    public void Codes_are_the_full_networks_activations_pooled(int batch)
    {
        using var net = new SmallNetwork(photos: 9);
        using var backbone = net.Load();
        var features = backbone.Tap("features");
        using var codes = backbone.Extract(net.Images, features, options: new ExtractionOptions { Batch = batch, Workers = 2 });

        // The whole network as it was written, on one image at a time, by a session of its own.
        var proto = OnnxModel.Read(net.Model).Proto.Clone();
        proto.Graph.Output.Add(new Onnx.Protos.ValueInfoProto { Name = "features", Type = new() { TensorType = new() { ElemType = 1 } } });
        using var session = new InferenceSession(OnnxModel.FromProto(proto, "net").ToBytes());
        var preprocessor = new Preprocessor(backbone.Recipe);
        using var options = new RunOptions();
        for (var row = 0; row < codes.Ids.Count; row++)
        {
            var image = net.Images[row];
            var tensor = new float[preprocessor.Length];
            preprocessor.Fill(image.Content.Decode(image.Content.Read(), ImageDecoders.Default, new DecodeOptions()), tensor);
            using var input = OrtValue.CreateTensorValueFromMemory(tensor, [1, 3, 16, 16]);
            using var outputs = session.Run(options, ["image"], [input], ["features"]);
            Assert.That(codes.Matrix.Row(row).ToArray(), Is.EqualTo(outputs[0].GetTensorDataAsSpan<float>().ToArray()).Within(1e-6f), image.Id);
        }
    }

    [Test]
    public void A_network_with_channels_last_gives_the_same_codes()
    {
        using var net = new SmallNetwork(photos: 5);
        SmallNetwork.Make(channelsLast: true).Write(net["last.onnx"]);
        File.WriteAllText(net["last.recipe.json"], SmallNetwork.RecipeText.Replace("\"size\"", "\"layout\": \"NHWC\", \"size\""));
        using var first = net.Load();
        using var last = Backbone.Load(net["last.onnx"]);
        using var expected = first.Extract(net.Images, first.Tap("second"));
        using var actual = last.Extract(net.Images, last.Tap("second"));
        Assert.That(actual.Matrix.Values.ToArray(), Is.EqualTo(expected.Matrix.Values.ToArray()).Within(1e-6f));
    }

    [Test]
    public void Bad_images_are_left_out_and_listed_with_their_reason()
    {
        using var net = new SmallNetwork(photos: 41);
        File.WriteAllText(net["photos/even/004.bmp"], "a text that was renamed");
        File.WriteAllBytes(net["photos/odd/011.bmp"], []);
        using var backbone = net.Load();
        using var codes = backbone.Extract(net.Images, backbone.Tap("second"), net.Store);
        Assert.Multiple(() =>
        {
            Assert.That(codes.Ids, Has.Count.EqualTo(39));
            Assert.That(codes.Ids, Has.None.EqualTo("even/004.bmp").And.None.EqualTo("odd/011.bmp"));
            Assert.That(codes.Skipped.Select(image => image.Id), Is.EqualTo(["even/004.bmp", "odd/011.bmp"]));
            Assert.That(codes.Skipped[1].Reason, Does.Contain("0 bytes"));
            Assert.That(File.ReadAllLines(net["store/skipped.jsonl"]), Has.Length.EqualTo(3));
            Assert.That(File.ReadAllLines(net["store/skipped.jsonl"])[2], Is.EqualTo("""{"blocks":1,"images":39}"""));
        });
    }

    [Test]
    public void Too_many_bad_images_stop_early_with_advice()
    {
        using var net = new SmallNetwork(photos: 100);
        for (var i = 0; i < 100; i += 4)
        {
            File.WriteAllText(net[$"photos/even/{i:D3}.bmp"], "no image");
        }

        using var backbone = net.Load();
        var decoder = new WatchedDecoder();
        var failure = Sentences.Failure(FailureKind.Data, () => backbone.Extract(
            net.Images, backbone.Tap("second"), net.Store, new ExtractionOptions { Decoder = decoder, Workers = 1 }));
        Assert.Multiple(() =>
        {
            Assert.That(failure.Message, Does.Contain("6 of the 100").And.Contain("5").And.Contain("--max-bad").And.Contain(".bmp"));
            Assert.That(decoder.Count, Is.LessThan(20));
        });
        using var codes = backbone.Extract(net.Images, backbone.Tap("second"), net.Store, new ExtractionOptions { MaxBadShare = 0.25 });
        Assert.That(codes.Skipped, Has.Count.EqualTo(25));
    }

    [Test]
    public void A_set_without_any_good_image_is_refused()
    {
        using var net = new SmallNetwork(photos: 3);
        foreach (var image in net.Images)
        {
            File.WriteAllText(image.Content.Path, "no image");
        }

        using var backbone = net.Load();
        var allowed = new ExtractionOptions { MaxBadShare = 1 };
        Assert.That(Sentences.Failure(FailureKind.Data, () => backbone.Extract(net.Images, backbone.Tap("second"), options: allowed)).Message, Does.Contain("None of the 3"));
        Sentences.Failure(FailureKind.Data, () => backbone.Extract(new LabelledImages("nothing", []), backbone.Tap("second")));
    }

    [Test]
    public void Codes_that_are_not_finite_name_image_and_tap()
    {
        // The values of a photo reach from -1 to 1.55; only a white one has a mean above 1.5, and that overflows.
        using var net = new SmallNetwork(more: graph =>
        {
            var mean = graph.Add("GlobalAveragePool", ["image"], "mean");
            var above = graph.Add("Relu", [graph.Add("Sub", [mean, graph.Constant("bound", [1.5f], 1)], "shifted")], "above");
            var large = graph.Constant("large", [3e38f], 1);
            graph.Add("Mul", [graph.Add("Mul", [above, large], "scaled"), large], "hot");
        });
        net.AddPhoto("a/one.bmp", 1);
        var white = net.AddPhoto("a/white.bmp", 2);
        var bytes = File.ReadAllBytes(white);
        bytes.AsSpan(54).Fill(255);
        File.WriteAllBytes(white, bytes);
        using var backbone = net.Load();
        var failure = Sentences.Failure(FailureKind.Mathematics, () => backbone.Extract(net.Images, backbone.Tap("hot")));
        Assert.That(failure.Message, Does.Contain("a/white.bmp").And.Contain("hot|avg"));
    }

    [Test]
    public void Taps_named_twice_count_once_and_none_is_refused()
    {
        using var net = new SmallNetwork(photos: 2);
        using var backbone = net.Load();
        using var codes = backbone.Extract(net.Images, [backbone.Tap("second"), backbone.Tap("second")]);
        Assert.That(codes.Columns, Has.Count.EqualTo(1));
        Sentences.Failure(FailureKind.Usage, () => backbone.Extract(net.Images, Array.Empty<Tap>()));
    }

    [Test]
    public void Options_out_of_range_are_refused()
    {
        using var net = new SmallNetwork(photos: 2);
        using var backbone = net.Load();
        foreach (var options in new ExtractionOptions[]
        {
            new() { Batch = 0 }, new() { Workers = -1 }, new() { BlockRows = 0 }, new() { MaxBadShare = 1.5 }, new() { MaxBadShare = double.NaN },
        })
        {
            Sentences.Failure(FailureKind.Usage, () => backbone.Extract(net.Images, backbone.Tap("second"), net.Store, options));
        }

        Assert.That(Directory.Exists(net.Store), Is.False);
    }
}
