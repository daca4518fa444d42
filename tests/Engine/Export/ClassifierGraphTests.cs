using System.Text.Json;
using OnnxTransfer.Heads;
using OnnxTransfer.Imaging;
using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Engine.Tests;

internal sealed class ClassifierGraphTests
{
    private const int Images = 5;

    [Test]
    public void A_bare_session_gives_the_softmax_of_the_head_on_the_codes(
        [Values(7, 8, 12, 13, 17)] long opset,
        [Values(Pooling.Average, Pooling.AverageAndMaximum, Pooling.Grid3, Pooling.Flatten)] Pooling pooling,
        [Values] TensorLayout layout)
    {
        var network = FlowerNetwork.Make(opset, pooling, layout);
        long[] shape = layout == TensorLayout.NCHW ? [Images, 3, 32, 32] : [Images, 32, 32, 3];
        var photos = BareSession.Noise(Images * 3 * 32 * 32, seed: 1);

        var found = BareSession.Run(network.Exported().ToBytes(), photos, shape);

        var codes = BareSession.Run(network.Tapped().ToBytes(), photos, shape).Single().Value;
        Assert.That(found.Keys, Is.EqualTo(new[] { "logits", "probabilities" }));
        for (var i = 0; i < Images; i++)
        {
            var code = codes.AsSpan(i * network.Head.Width, network.Head.Width);
            var expected = BareSession.Probabilities(network.Head.Weights.Span, network.Head.Width, code);
            Assert.That(found["probabilities"].AsSpan(3 * i, 3).ToArray(), Is.EqualTo(expected).Within(1e-5));
        }
    }

    [Test]
    public void The_probabilities_are_calibrated_and_the_logits_are_not(
        [Values(7, 8, 13, 17)] long opset, [Values(CalibrationMethod.Temperature, CalibrationMethod.Platt)] CalibrationMethod method)
    {
        var network = FlowerNetwork.Make(opset).Calibrated(method);
        var photos = BareSession.Noise(Images * 3 * 32 * 32, seed: 1);

        var found = BareSession.Run(network.Exported().ToBytes(), photos, Images, 3, 32, 32);

        var plain = BareSession.Run(FlowerNetwork.Make(opset).Exported().ToBytes(), photos, Images, 3, 32, 32);
        var codes = BareSession.Run(network.Tapped().ToBytes(), photos, Images, 3, 32, 32).Single().Value;
        Assert.That(found.Keys, Is.EqualTo(new[] { "logits", "probabilities" }));
        Assert.That(found["logits"], Is.EqualTo(plain["logits"]));
        Assert.That(found["probabilities"], Is.Not.EqualTo(plain["probabilities"]).Within(1e-2));
        for (var i = 0; i < Images; i++)
        {
            var expected = BareSession.Probabilities(network.Head, codes.AsSpan(i * network.Head.Width, network.Head.Width));
            Assert.That(found["probabilities"].AsSpan(3 * i, 3).ToArray(), Is.EqualTo(expected).Within(1e-5));
        }
    }

    [Test]
    public void A_head_on_normalised_codes_divides_them_by_their_lengths([Values(7, 8, 13, 17, 18, 21)] long opset)
    {
        var network = FlowerNetwork.Make(opset, weightScale: 3).Normalized();
        var photos = BareSession.Noise(Images * 3 * 32 * 32, seed: 1);

        var found = BareSession.Run(network.Exported().ToBytes(), photos, Images, 3, 32, 32);

        var codes = BareSession.Run(network.Tapped().ToBytes(), photos, Images, 3, 32, 32).Single().Value;
        var scores = new double[3];
        for (var i = 0; i < Images; i++)
        {
            var code = codes.AsSpan(i * network.Head.Width, network.Head.Width);
            network.Head.Scores(code, scores);
            Assert.That(found["logits"].AsSpan(3 * i, 3).ToArray(), Is.EqualTo(scores).Within(1e-5));
            Assert.That(found["probabilities"].AsSpan(3 * i, 3).ToArray(), Is.EqualTo(BareSession.Probabilities(network.Head, code)).Within(1e-5));
        }

        Assert.That(network.Exported().Opset, Is.EqualTo(opset));
        Assert.That(
            JsonDocument.Parse(network.Exported().Metadata("onnxtransfer.provenance")!).RootElement.GetProperty("head").GetProperty("normalised").GetBoolean());
    }

    [TestCase(CalibrationMethod.Temperature, """{"method":"temperature","temperature":0.3}""")]
    [TestCase(CalibrationMethod.Platt, """{"method":"platt","scales":[1,0.5,0.3333333333333333],"shifts":[0.7,-0.30000000000000004,-1.3]}""")]
    public void The_provenance_says_how_probabilities_are_calibrated(CalibrationMethod method, string json)
    {
        var exported = FlowerNetwork.Make().Calibrated(method).Exported();
        var provenance = JsonDocument.Parse(exported.Metadata("onnxtransfer.provenance")!).RootElement;
        Assert.That(provenance.GetProperty("head").GetProperty("calibration").GetRawText(), Is.EqualTo(json));
    }

    [Test]
    public void The_format_is_no_newer_than_the_backbone_needs([Values(7, 8, 13, 18)] long opset)
    {
        var exported = FlowerNetwork.Make(opset).Exported();
        Assert.That(exported.Opset, Is.EqualTo(opset));
        Assert.That(exported.Proto.IrVersion, Is.EqualTo(4));
    }

    [Test]
    public void Only_what_the_classes_need_is_in_it()
    {
        var exported = FlowerNetwork.Make().Exported();
        Assert.That(
            exported.Proto.Graph.Node.Select(node => node.OpType),
            Is.EqualTo(new[] { "Conv", "Relu", "Conv", "Relu", "GlobalAveragePool", "Flatten", "Gemm", "Softmax" }));
        Assert.That(exported.Proto.Graph.Initializer.Select(tensor => tensor.Name), Has.None.EqualTo("classifier"));
    }

    [Test]
    public void The_input_keeps_its_name_with_a_symbolic_batch_and_the_size_of_the_recipe()
    {
        var network = FlowerNetwork.Make(input: "data_0");
        var larger = TapCatalog.Of(network.Catalog.Model, 48);
        var exported = ClassifierGraph.Make(
            larger, network.Recipe.WithSize(48), new JoinedTaps(new Tap(larger.Find("features"), Pooling.Average)), network.Head, null);
        var input = exported.Proto.Graph.Input.Single();
        Assert.That(input.Name, Is.EqualTo("data_0"));
        Assert.That(
            input.Type.TensorType.Shape.Dim.Select(dim => dim.HasDimValue ? $"{dim.DimValue}" : dim.DimParam),
            Is.EqualTo(new[] { "N", "3", "48", "48" }));
    }

    [Test]
    public void A_tap_or_an_input_that_is_called_as_an_output_gets_another_name()
    {
        var network = FlowerNetwork.Make(input: "probabilities_1");
        var builder = new GraphBuilder(network.Catalog.Model);
        builder.RenameTensor("probabilities", "old");
        builder.RenameTensor("logits", "older");
        builder.RenameTensor("features", "logits");
        builder.RenameTensor("probabilities_1", "probabilities");
        network = network with
        {
            Catalog = TapCatalog.Of(builder.Build(), FlowerNetwork.Size),
            Tap = network.Tap with { Point = network.Tap.Point with { Name = "logits" } },
        };

        var photos = BareSession.Noise(3 * 32 * 32, seed: 2);
        var found = BareSession.Run(network.Exported().ToBytes(), photos, 1, 3, 32, 32)["probabilities"];

        Assert.That(found, Is.EqualTo(BareSession.Run(FlowerNetwork.Make().Exported().ToBytes(), photos, 1, 3, 32, 32)["probabilities"]));
        Assert.That(new Graph(network.Exported()).Inputs.Single().Name, Is.EqualTo("backbone/probabilities"));
    }

    [Test]
    public void Licence_and_authors_of_the_backbone_stay_and_what_no_longer_holds_goes()
    {
        var network = FlowerNetwork.Make();
        var proto = network.Catalog.Model.Proto.Clone();
        proto.DocString = "Classifies 5 things.";
        proto.ProducerName = "CNTK";
        proto.Graph.ValueInfo.Add(new ValueInfoProto { Name = "features" });
        foreach (var (key, value) in (ReadOnlySpan<(string, string)>)[
            ("license", "MIT"), ("Authors", "somebody"), ("names", "a,b,c,d,e"), ("onnxtransfer.finetuned", "{}"), ("imgsz", "640")])
        {
            proto.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        }

        var exported = (network with { Catalog = TapCatalog.Of(network.Catalog.Model.WithProto(proto), FlowerNetwork.Size) }).Exported().Proto;

        Assert.That(
            exported.MetadataProps.Select(entry => entry.Key),
            Is.EqualTo(new[] { "license", "Authors", "onnxtransfer.tap", "onnxtransfer.provenance", "onnxtransfer.labels", "onnxtransfer.recipe" }));
        Assert.That(exported.HasDocString, Is.False);
        Assert.That(exported.Graph.ValueInfo, Is.Empty);
        Assert.That(exported.ProducerName, Is.EqualTo("OnnxTransfer"));
    }

    [Test]
    public void The_metadata_say_classes_recipe_tap_and_origin()
    {
        var network = FlowerNetwork.Make(labels: ["\"quoted\"", "süß", "07"]);
        var exported = network.Exported(new ExportNotes
        {
            Dataset = "flowers", TrainImages = 80, TestImages = 20, TestAccuracy = 0.95, TestAccuracyInterval = new Interval(0.8, 0.99),
        });

        Assert.That(ModelMetadata.ReadLabels(exported), Is.EqualTo(network.Head.Labels));
        Assert.That(Recipe.Parse(exported.Metadata("onnxtransfer.recipe")!, "here"), Is.EqualTo(network.Recipe));
        Assert.That(
            exported.Metadata("onnxtransfer.tap"),
            Is.EqualTo($$"""{"tensor":"features","aliases":{{JsonSerializer.Serialize(network.Tap.Point.Aliases)}},"pooling":"avg","codeLength":12,"costPercent":{{Math.Round(network.Tap.Point.CostPercent, 2)}}}"""));
        var provenance = JsonDocument.Parse(exported.Metadata("onnxtransfer.provenance")!).RootElement;
        Assert.That(provenance.GetProperty("source").GetProperty("sha256").GetString(), Is.EqualTo(network.Catalog.Model.Sha256));
        Assert.That(provenance.GetProperty("runtime").GetString(), Does.StartWith("ONNX Runtime 1."));
        Assert.That(
            provenance.GetProperty("head").GetRawText(),
            Is.EqualTo("""{"loss":"softmax","c":0.5,"standardised":true,"certificate":{"objective":16,"dualBound":15.5,"relativeGap":0.03225806451612903,"passes":37,"converged":true}}"""));
        Assert.That(
            provenance.GetProperty("data").GetRawText(),
            Is.EqualTo("""{"dataset":"flowers","trainImages":80,"testImages":20,"testAccuracy":0.95,"testAccuracyInterval":{"low":0.8,"high":0.99}}"""));
    }

    [Test]
    public void The_same_arguments_give_the_same_bytes_however_long_the_training_took()
    {
        var network = FlowerNetwork.Make();
        var head = network.Head;
        var slower = new LinearHead(head.Labels, head.Weights, head.Width, head.Loss, head.C, head.Certificate with { Seconds = 99 }) { Standardized = true };
        Assert.That((FlowerNetwork.Make() with { Head = slower }).Exported().ToBytes(), Is.EqualTo(network.Exported().ToBytes()));
    }

    [Test]
    public void Weights_that_overflow_float32_are_refused_by_the_class([Values(1e39, double.NaN, double.NegativeInfinity)] double weight)
    {
        var network = FlowerNetwork.Make();
        var weights = network.Head.Weights.ToArray();
        weights[network.Head.Width + 3] = weight;
        var head = new LinearHead(network.Head.Labels, weights, network.Head.Width, HeadLoss.Softmax, 1, network.Head.Certificate);

        var failure = Assert.Throws<OnnxTransferException>(() => (network with { Head = head }).Exported());

        Assert.That(failure.Kind, Is.EqualTo(FailureKind.Mathematics));
        Assert.That(failure.Message, Does.Contain("'rose'"));
    }
}
