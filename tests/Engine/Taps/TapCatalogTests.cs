using System.IO.Compression;
using CsCheck;
using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Engine.Tests.Taps;

public class TapCatalogTests
{
    [Test]
    public void Every_tap_with_golden_codes_is_found()
    {
        using var archive = ZipFile.OpenRead(SharedFiles.Path("models/goldens.npz"));
        var taps = archive.Entries.Select(e => e.Name.Split('|')).Where(key => key.Length == 3).Select(key => (Model: key[0], Tap: key[1].Replace('~', '/'))).Distinct().ToList();
        var catalogs = new Dictionary<string, TapCatalog> { ["resnet18"] = Networks.ResNet18(), ["squeezenet1_1"] = Networks.SqueezeNet() };
        Assert.That(taps, Has.Count.GreaterThan(10));
        foreach (var (model, tap) in taps)
        {
            Assert.That(catalogs[model].Find(tap).Name, Is.EqualTo(tap));
        }
    }

    [Test]
    public void A_point_says_shape_stride_and_cost()
    {
        var point = Networks.ResNet18().Find("ReLU315_Output_0");
        Assert.Multiple(() =>
        {
            Assert.That(point.Shape.ToString(), Is.EqualTo("N x 128 x 28 x 28"));
            Assert.That((point.Op, point.Channels, point.Stride), Is.EqualTo(("Relu", 128, 8)));
            Assert.That(point.CostPercent, Is.EqualTo(48.49).Within(0.01));
            Assert.That(Networks.ResNet18().Find("penultimate").CostPercent, Is.EqualTo(100));
        });
    }

    // A convolution of 7 and a pooling of 3, at strides 2 and 4: 11 pixels. Two blocks of two convolutions of 3 at stride 4: 43, at 8: 99,
    // at 16: 211, and three of them at 32: 563; the first convolution at a stride still reads the one before.
    [TestCase("stage1", 43)]
    [TestCase("stage2", 99)]
    [TestCase("stage3", 211)]
    [TestCase("stage4", 563)]
    [TestCase("penultimate", null)]
    public void A_point_says_how_many_pixels_a_position_sees(string alias, int? expected) =>
        Assert.That(Networks.ResNet18().Find(alias).ReceptiveField, Is.EqualTo(expected));

    [Test]
    public void The_ends_of_a_network_are_those_of_its_blocks_and_no_scores()
    {
        var resNet = Networks.ResNet18();
        Assert.That(resNet.Ends.Select(static point => point.Name), Is.SupersetOf(new[] { "stage1", "stage2", "stage3", "stage4" }.Select(alias => resNet.Find(alias).Name)));
        Assert.That(resNet.Ends, Has.Count.InRange(8, 12));
        Assert.That(resNet.Ends.SelectMany(static point => point.Aliases), Has.None.EqualTo("logits"));
    }

    [Test]
    public void A_fit_chooses_among_the_ends_of_stages_and_the_penultimate()
    {
        string[] Aliased(TapCatalog catalog) => [.. catalog.StageEnds.SelectMany(static point => point.Aliases).Where(static alias => alias != "last-pool")];
        Assert.That(Aliased(Networks.ResNet18()), Is.EqualTo((string[])["stage1", "stage2", "stage3", "stage4", "penultimate"]));
        Assert.That(Aliased(Networks.SqueezeNet()), Is.EqualTo((string[])["stage1", "stage2", "stage3", "penultimate"]));
    }

    [Test]
    public void A_stage_that_the_image_size_rules_out_is_told_with_the_reason_and_never_denied()
    {
        var catalog = Networks.ResNet18(40);
        Sentences.Fails(FailureKind.Model, () => catalog.Find("stage4"), "stage4 (ReLU393_Output_0) cannot be computed from images of 40 x 40 because", "another size");
        Sentences.Fails(FailureKind.Model, () => catalog.Find("stage7"), "has only 4 stages");
        Assert.That(catalog.Find("stage2").Name, Is.EqualTo("ReLU315_Output_0"));
        Assert.That(Networks.ResNet18(96).LostStages, Is.Null);
        Assert.That(Networks.ResNet18().LostStages, Is.Null);
    }

    [Test]
    public void Costs_never_fall_along_the_graph_of_a_chain_and_end_at_100()
    {
        var points = Networks.SqueezeNet().Points;
        Assert.That(points[^1].CostPercent, Is.EqualTo(100));
        Assert.That(points.Where(p => p.Op is "Concat" or "MaxPool").Select(p => p.CostPercent), Is.Ordered);
    }

    [Test]
    public void A_node_name_and_a_tensor_before_its_activation_are_found_though_not_listed()
    {
        var catalog = Networks.ResNet18();
        Assert.That(catalog.Find("ReLU393").Name, Is.EqualTo("ReLU393_Output_0"));
        var plus = catalog.Find("Plus391_Output_0");
        Assert.That(plus.Op, Is.EqualTo("Add"));
        Assert.That(catalog.Points.Select(p => p.Name), Has.No.Member("Plus391_Output_0"));
    }

    [Test]
    public void A_wrong_name_gives_the_nearest_ones()
    {
        var catalog = Networks.SqueezeNet();
        var failure = Assert.Throws<OnnxTransferException>(() => catalog.Find("fire9/concat_3"))!;
        Assert.That(failure.Kind, Is.EqualTo(FailureKind.Model));
        Assert.That(failure.Message, Does.Contain("fire9/concat_1").And.Contain("'fire9/concat_3'"));
        Assert.That(() => catalog.Find("penultimat"), Throws.TypeOf<OnnxTransferException>().With.Message.Contains("penultimate"));
    }

    [Test]
    public void What_a_size_makes_impossible_is_refused_with_the_node_and_the_rest_is_listed()
    {
        var catalog = Networks.ResNet18(96);
        Assert.That(catalog.Points[^1].Name, Is.EqualTo("ReLU393_Output_0"));
        Assert.That(() => catalog.Find("last-pool"), Throws.TypeOf<OnnxTransferException>().With.Message.Contains("Pooling395").And.Message.Contains("96 x 96"));
        var dims = new Graph(catalog.Model).Inputs[0].Type.TensorType.Shape.Dim;
        Assert.That(dims.Select(d => d.DimParam), Is.EqualTo(["N", "", "height", "width"]));
    }

    [Test]
    [Category("Slow")]
    public void Symbolic_sides_take_the_size_that_is_asked_for()
    {
        var catalog = Networks.Torch("shufflenet_v2_x1_0-anysize", 160);
        Assert.That(catalog.Find("stage2").Shape.ToString(), Is.EqualTo("N x 232 x 10 x 10"));
        Assert.That(catalog.Find("logits").CostPercent, Is.EqualTo(100));
    }

    [Test]
    [Category("Slow")]
    public void A_matrix_made_for_one_size_refuses_others_by_name()
    {
        var catalog = Networks.Torch("alexnet", 128);
        Assert.That(catalog.Find("stage2").Shape.ToString(), Is.EqualTo("N x 256 x 7 x 7"));
        Assert.That(() => catalog.Find("penultimate"), Throws.TypeOf<OnnxTransferException>().With.Message.Contains("/classifier/classifier.1/Gemm"));
    }

    [Test]
    public void Position_embeddings_made_for_one_size_refuse_others_by_name() =>
        Assert.That(() => Networks.Torch("vit_tiny", 96).Find("penultimate"), Throws.TypeOf<OnnxTransferException>().With.Message.Contains("/encoder/Add"));

    [Test]
    public void Tokens_are_taps_with_their_channels_last()
    {
        var tokens = Networks.Torch("vit_tiny").Points.First(p => p.Op == "Add");
        Assert.That((tokens.Shape.ToString(), tokens.Channels, tokens.Stride), Is.EqualTo(("N x 17 x 32", 32, 16)));
    }

    [Test]
    public void Tensors_that_are_no_activations_are_refused_with_the_reason()
    {
        var catalog = TapCatalog.Of(Networks.Tiny(["N", 3, 8, 8], g =>
        {
            var conv = g.Conv("image", 3, 4, "conv");
            g.Add("Shape", [conv], "shape");
            g.Add("Cast", [conv], "whole", ("to", (long)DataType.Int64));
            g.Add("Transpose", [conv], "turned", ("perm", new long[] { 1, 0, 2, 3 }));
            g.Add("Unsqueeze", [conv, g.Constant("axes", [1L], 1)], "five");
            g.Add("Mystery", [conv], "mystery");
            g.Output(g.Add("Relu", [conv], "relu"), DataType.Float);
        }), 8);
        Refused("image", "the image itself");
        Refused("conv.weight", "does not depend on the image");
        Refused("shape", "does not depend on the image");
        Refused("whole", "int64");
        Refused("turned", "first dimension is not the images");
        Refused("five", "neither vectors");
        Refused("mystery", "Mystery");

        void Refused(string name, string why) =>
            Assert.That(() => catalog.Find(name), Throws.TypeOf<OnnxTransferException>().With.Message.Contains(why).And.Message.EndsWith("."));
    }

    [Test]
    public void The_stem_is_no_stage_and_repeats_are_not_listed()
    {
        var catalog = TapCatalog.Of(Networks.Tiny(["N", 3, 32, 32], g =>
        {
            var stem = g.Add("Relu", [g.Conv("image", 3, 4, "stem", 2)], "stem.relu");
            var a = g.Add("Relu", [g.Conv(stem, 4, 4, "a", 2)], "a.relu");
            var dropped = g.Add("Dropout", [g.Add("Identity", [a], "same")], "dropped");
            var b = g.Add("Relu", [g.Add("Add", [g.Conv(dropped, 4, 4, "b"), dropped], "sum")], "b.relu");
            var pool = g.Add("GlobalAveragePool", [b], "pool");
            var flat = g.Add("Flatten", [pool], "flat");
            var scores = g.Add("Gemm", [flat, g.Constant("w", new float[8], 4, 2)], "scores");
            g.Output(g.Add("Softmax", [scores], "softmax"), DataType.Float, "N", 2);
        }), 32);
        Assert.That(catalog.Points.Select(p => $"{p.Name} {string.Join(",", p.Aliases)}".Trim()), Is.EqualTo(
            ["stem.relu", "a.relu", "b.relu stage1", "pool last-pool,penultimate", "scores logits", "softmax"]));
    }

    [Test]
    public void A_convolution_without_weights_is_no_defect_of_ours() =>
        Assert.That(
            TapCatalog.Of(Networks.Tiny(["N", 3, 16, 16], g => g.Output(g.Add("Relu", [g.Add("Conv", ["image"], "conv")], "relu"), DataType.Float)), 16).Points,
            Is.Empty);

    [Test]
    public void A_damaged_model_gives_a_sentence_or_a_catalog_and_never_another_exception()
    {
        var model = Networks.Tiny(["N", 3, 16, 16], g =>
        {
            var relu = g.Add("Relu", [g.Conv("image", 3, 4, "conv", 2)], "relu");
            var pool = g.Add("AveragePool", [relu], "pool", ("kernel_shape", new long[] { 8, 8 }));
            var flat = g.Add("Reshape", [pool, g.Constant("rows", [0L, -1], 2)], "flat");
            g.Output(g.Add("Gemm", [flat, g.Constant("w", new float[8], 4, 2)], "scores"), DataType.Float, "N", 2);
        }).ToBytes();
        Gen.Select(Gen.Int[0, model.Length - 1], Gen.Byte).Array[1, 3].Sample(damage =>
        {
            var bytes = model.ToArray();
            foreach (var (at, value) in damage)
            {
                bytes[at] = value;
            }

            try
            {
                TapCatalog.Of(Preparation.Prepare(OnnxModel.Parse(bytes, "damaged.onnx")), 16).Find("penultimate");
            }
            catch (OnnxTransferException e)
            {
                return e.Kind == FailureKind.Model;
            }

            return true;
        }, iter: 3000);
    }

    [Test]
    public void A_size_below_one_is_wrong_usage() =>
        Assert.That(() => TapCatalog.Of(Networks.Tiny(["N", 3, 8, 8], g => g.Output(g.Conv("image", 3, 4, "c"), DataType.Float)), 0),
            Throws.TypeOf<OnnxTransferException>().With.Property("Kind").EqualTo(FailureKind.Usage));
}
