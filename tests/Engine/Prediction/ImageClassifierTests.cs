using OnnxTransfer.Datasets;
using OnnxTransfer.Imaging;
using OnnxTransfer.Onnx;
using SkiaSharp;

namespace OnnxTransfer.Engine.Tests;

internal sealed class ImageClassifierTests
{
    private string folder = string.Empty;

    private string File => Path.Combine(folder, "flowers.onnx");

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("onnxtransfer-predict-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    private string Photo(string name, int seed, int width = 50, int height = 40)
    {
        using var bitmap = new SKBitmap(width, height);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                bitmap.SetPixel(x, y, new SKColor((byte)(x * seed), (byte)(y * 3 * seed), (byte)(seed * 40)));
            }
        }

        var path = Path.Combine(folder, name);
        using var stream = System.IO.File.Create(path);
        bitmap.Encode(stream, SKEncodedImageFormat.Png, 100);
        return path;
    }

    private string Refusal(OnnxModel model)
    {
        model.Write(File);
        var failure = Assert.Throws<OnnxTransferException>(() => ImageClassifier.Load(File).Dispose());
        Assert.That(failure.Kind, Is.EqualTo(FailureKind.Model));
        return failure.Message;
    }

    [Test]
    public void A_file_is_classified_as_a_bare_session_classifies_its_tensor([Values] TensorLayout layout)
    {
        var network = FlowerNetwork.Make(layout: layout);
        network.Exported().Write(File);
        var photo = Photo("a.png", 3);
        using var model = ImageClassifier.Load(File);

        var prediction = model.Predict(photo);

        var preprocessor = new Preprocessor(network.Recipe);
        var tensor = new float[preprocessor.Length];
        preprocessor.Fill(ImageDecoders.Default.Decode(System.IO.File.ReadAllBytes(photo), photo, new DecodeOptions()), tensor);
        long[] shape = layout == TensorLayout.NCHW ? [1, 3, 32, 32] : [1, 32, 32, 3];
        var expected = BareSession.Run(network.Exported().ToBytes(), tensor, shape)["probabilities"];
        Assert.That(prediction.Image, Is.EqualTo(photo));
        Assert.That(prediction.Ranked.Select(ranked => ranked.Probability), Is.Ordered.Descending);
        Assert.That(
            prediction.Ranked.ToDictionary(ranked => ranked.Label, ranked => ranked.Probability),
            Is.EqualTo(model.Labels.Zip(expected).ToDictionary(pair => pair.First, pair => (double)pair.Second)).Within(1e-6));
        Assert.That(prediction.Best, Is.EqualTo(prediction.Ranked[0]));
    }

    [Test]
    public void Images_come_in_their_order_and_bad_ones_with_their_sentence()
    {
        FlowerNetwork.Make().Exported().Write(File);
        var photos = Enumerable.Range(1, 30).Select(i => Photo($"p{i:D2}.png", i)).ToList();
        System.IO.File.WriteAllText(photos[7], "not an image");
        System.IO.File.WriteAllBytes(photos[11], System.IO.File.ReadAllBytes(photos[11])[..60]);
        System.IO.File.WriteAllBytes(photos[12], []);
        var images = LabelledImages.FromFiles(photos);
        System.IO.File.Delete(photos[20]);
        using var model = ImageClassifier.Load(File);

        var predictions = model.Predict(images).ToList();

        Assert.That(predictions.Select(prediction => prediction.Image), Is.EqualTo(images.Select(image => image.Id)));
        foreach (var bad in (int[])[7, 11, 12, 20])
        {
            Assert.That(predictions[bad].Error, Does.Contain(photos[bad]).And.EndWith("."));
            Assert.That(predictions[bad].Ranked, Is.Empty);
            Assert.That(Assert.Throws<OnnxTransferException>(() => _ = predictions[bad].Best).Message, Is.EqualTo(predictions[bad].Error));
            Assert.That(Assert.Throws<OnnxTransferException>(() => model.Predict(photos[bad])).Message, Is.EqualTo(predictions[bad].Error));
        }

        Assert.That(predictions.Count(prediction => prediction.Error is not null), Is.EqualTo(4));
        Assert.That(predictions[0].Ranked, Is.EqualTo(model.Predict(photos[0]).Ranked));
    }

    [Test]
    public void Equally_probable_classes_stay_in_the_order_of_the_model()
    {
        var network = FlowerNetwork.Make(labels: ["b", "a", "c"], weightScale: 0);
        network.Exported().Write(File);
        using var model = ImageClassifier.Load(File);
        Assert.That(model.Predict(Photo("a.png", 1)).Ranked.Select(ranked => ranked.Label), Is.EqualTo(new[] { "b", "a", "c" }));
    }

    [Test]
    public void Probabilities_that_are_no_numbers_are_an_error()
    {
        FlowerNetwork.Make().WithOverflow().Exported().Write(File);
        using var model = ImageClassifier.Load(File);
        var photo = Photo("a.png", 1);
        Assert.That(Assert.Throws<OnnxTransferException>(() => model.Predict(photo)).Kind, Is.EqualTo(FailureKind.Mathematics));
        Assert.That(model.Predict(LabelledImages.FromFiles([photo])).Single().Error, Does.Contain("no 3 finite probabilities"));
    }

    [Test]
    public void A_backbone_without_classes_is_refused() => Assert.That(
        Refusal(FlowerNetwork.Make().Catalog.Model),
        Is.EqualTo("flowers.onnx was not exported by OnnxTransfer (it names no classes); make a classifier of it with `onnxtransfer fit --model`."));

    [Test]
    public void A_head_file_is_refused()
    {
        HeadFile.Write(FlowerNetwork.Make().Head, null, [], File);
        Assert.That(
            Assert.Throws<OnnxTransferException>(() => ImageClassifier.Load(File)).Message,
            Is.EqualTo("flowers.onnx is a head file, which takes codes and not photos; `onnxtransfer export` joins it to its backbone."));
    }

    [TestCase("onnxtransfer.labels", """["a","b"]""", "names 2 classes, but its probabilities are N x 3")]
    [TestCase("onnxtransfer.labels", """["a","b","a"]""", "has the class 'a' twice")]
    [TestCase("onnxtransfer.labels", "daisy, rose, tulip", "onnxtransfer.labels does not hold what OnnxTransfer writes there")]
    [TestCase("onnxtransfer.recipe", "{}", "The recipe in flowers.onnx needs size")]
    [TestCase("onnxtransfer.recipe", """{"size":48,"mean":[0,0,0],"std":[1,1,1]}""", "takes N x 3 x 32 x 32 of float at its input image, which does not fit its recipe (N x 3 x 48 x 48)")]
    [TestCase("onnxtransfer.recipe", """{"size":32,"layout":"NHWC","mean":[0,0,0],"std":[1,1,1]}""", "which does not fit its recipe (N x 32 x 32 x 3)")]
    public void Metadata_that_do_not_fit_the_graph_are_named(string key, string value, string sentence)
    {
        var builder = new GraphBuilder(FlowerNetwork.Make().Exported());
        builder.SetMetadata(key, value);
        Assert.That(Refusal(builder.Build()), Does.Contain(sentence));
    }

    [Test]
    public void A_missing_recipe_is_named()
    {
        var exported = FlowerNetwork.Make().Exported();
        var proto = exported.Proto.Clone();
        proto.MetadataProps.Remove(proto.MetadataProps.Single(entry => entry.Key == "onnxtransfer.recipe"));
        Assert.That(Refusal(exported.WithProto(proto)), Does.Contain("its metadata entry onnxtransfer.recipe is missing"));
    }

    [Test]
    public void A_graph_that_the_runtime_does_not_take_is_refused()
    {
        var exported = FlowerNetwork.Make().Exported();
        var proto = exported.Proto.Clone();
        proto.Graph.Node[1].OpType = "NoSuchOperator";
        Assert.That(Refusal(exported.WithProto(proto)), Does.StartWith("ONNX Runtime cannot run flowers.onnx: "));
    }

    [Test]
    public void A_cut_off_file_a_text_and_a_missing_one_are_refused()
    {
        FlowerNetwork.Make().Exported().Write(File);
        var whole = System.IO.File.ReadAllBytes(File);
        for (var length = whole.Length - 1; length >= 0; length -= length > whole.Length - 1500 ? 5 : 97)
        {
            System.IO.File.WriteAllBytes(File, whole[..length]);
            Assert.That(
                Assert.Throws<OnnxTransferException>(() => ImageClassifier.Load(File), $"{length} bytes").Kind, Is.EqualTo(FailureKind.Model));
        }

        System.IO.File.WriteAllText(File, "Dear reader, this is a letter.");
        Assert.That(Assert.Throws<OnnxTransferException>(() => ImageClassifier.Load(File)).Message, Does.Contain("not an ONNX model"));
        Assert.That(Assert.Throws<OnnxTransferException>(() => ImageClassifier.Load(File + "x")).Message, Does.Contain("There is no model file"));
    }
}
