using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Onnx.Tests.Surgery;

public class SymbolicBatchTests
{
    [TestCase("mobilenet_v2-batch1", 224)]
    [TestCase("squeezenet1_1-batch1", 224)]
    [TestCase("shufflenet_v2_x1_0-batch1", 224)]
    [TestCase("vit_tiny-batch1", 64)]
    [Category("Slow")]
    public void Exports_for_one_image_give_the_same_rows_for_three(string name, int size) =>
        RowsAreThoseOfSingleImages(OnnxModel.Read(TorchModels.Path(name)), 3, size, size);

    [Test]
    public void A_reshape_with_the_batch_in_it_is_repaired() =>
        RowsAreThoseOfSingleImages(TinyModels.Of([1, 4, 2, 2], graph =>
        {
            // ShuffleNet's shuffle of channels.
            var groups = graph.Add("Reshape", ["image", graph.Constant("groups", [1L, 2, 2, 2, 2], 5)], "groups");
            var turned = graph.Add("Transpose", [groups], "turned", ("perm", new long[] { 0, 2, 1, 3, 4 }));
            var back = graph.Add("Reshape", [turned, graph.Constant("back", [1L, -1, 2, 2], 4)], "back");
            graph.Output(back, DataType.Float, 1, 4, 2, 2);
        }), 4, 2, 2);

    [Test]
    public void Attention_with_heads_beside_the_batch_is_repaired() => RowsAreThoseOfSingleImages(Attention(), 4, 2, 2);

    [Test]
    public void A_class_token_is_repeated_for_every_image() =>
        RowsAreThoseOfSingleImages(TinyModels.Of([1, 3, 2, 2], graph =>
        {
            var tokens = graph.Add("Reshape", ["image", graph.Constant("tokens", [1L, 3, 4], 3)], "tokens");
            var joined = graph.Add("Concat", [graph.Constant("class", [1f, 2, 3, 4], 1, 1, 4), tokens], "joined", ("axis", 1L));
            graph.Output(joined, DataType.Float, 1, 4, 4);
        }), 3, 2, 2);

    [Test]
    public void A_batch_of_two_is_freed_too()
    {
        var model = Preparation.Prepare(TinyModels.Of([2, 4, 1, 1], graph =>
        {
            var rows = graph.Add("Reshape", ["image", graph.Constant("rows", [2L, 4], 2)], "rows");
            graph.Output(graph.Add("Relu", [rows], "y"), DataType.Float, 2, 4);
        }));
        Assert.That(Runtime.Run(model, Runtime.Noise(20), 5, 4, 1, 1)["y"].Shape, Is.EqualTo([5, 4]));
    }

    [Test]
    public void A_symbolic_batch_is_called_N()
    {
        var graph = new Graph(Preparation.Prepare(TinyModels.Network("images")));
        Assert.That(graph.Inputs[0].Type.TensorType.Shape.Dim[0].DimParam, Is.EqualTo("N"));
        Assert.That(graph.Outputs[0].Type.TensorType.Shape.Dim[0].DimParam, Is.EqualTo("N"));
    }

    [Test]
    public void What_joins_or_mixes_images_is_refused_by_the_node()
    {
        Refused("Softmax", ("axis", 0L));
        Refused("ReduceMean", ("axes", new long[] { 0 }));
        Refused("Flatten", ("axis", 0L));
        Refused("Split", ("axis", 0L));

        static void Refused(string op, (string, object) attribute)
        {
            var model = TinyModels.Node([1, 3, 2, 2], op, 11, _ => [], attribute);
            Assert.That(Sentences.Of(FailureKind.Model, () => Preparation.Prepare(model)), Does.Contain($"y/{op}").And.Contain("batch of 1"));
        }
    }

    [Test]
    public void A_constant_made_for_two_images_is_refused_by_the_node()
    {
        var model = TinyModels.Node([2, 3, 1, 1], "Add", 13, graph => [graph.Constant("noise", Runtime.Noise(6), 2, 3, 1, 1)]);
        Assert.That(Sentences.Of(FailureKind.Model, () => Preparation.Prepare(model)), Does.Contain("y/Add"));
    }

    [Test]
    public void A_reshape_whose_shape_is_computed_from_constants_is_repaired() =>
        RowsAreThoseOfSingleImages(TinyModels.Of([1, 4, 2, 2], graph =>
        {
            long[] extents = [1, 2, 2, -1];
            var shape = graph.Add("Concat", [.. extents.Select(e => graph.Constant("extent", [e], 1))], "shape", ("axis", 0L));
            var turned = graph.Add("Transpose", [graph.Add("Reshape", ["image", shape], "groups")], "turned", ("perm", new long[] { 0, 2, 1, 3 }));
            graph.Output(graph.Add("Reshape", [turned, graph.Constant("back", [1L, 4, 2, 2], 4)], "y"), DataType.Float, 1, 4, 2, 2);
        }), 4, 2, 2);

    [Test]
    public void A_reshape_whose_shape_is_not_known_is_refused_by_the_node()
    {
        var model = TinyModels.Node([1, 4, 2, 2], "Reshape", 13, graph =>
            [graph.Add("Cast", [graph.Constant("floats", [1f, 16], 2)], "shape", ("to", (long)DataType.Int64))]);
        Assert.That(Sentences.Of(FailureKind.Model, () => Preparation.Prepare(model)), Does.Contain("y/Reshape"));
    }

    [Test]
    public void A_reshape_that_takes_the_batch_from_the_image_needs_no_repair() =>
        RowsAreThoseOfSingleImages(TinyModels.Of([1, 4, 2, 2], graph =>
        {
            var images = graph.Add("Gather", [graph.Add("Shape", ["image"], "extents"), graph.Constant("first", [0L], 1)], "images", ("axis", 0L));
            var shape = graph.Add("Concat", [images, graph.Constant("rest", [16L], 1)], "shape", ("axis", 0L));
            graph.Output(graph.Add("Reshape", ["image", shape], "y"), DataType.Float, 1, 16);
        }), 4, 2, 2);

    [TestCase(1, 5, true)]
    [TestCase(2, 5, false)]
    public void What_a_Gemm_adds_must_be_the_same_for_every_image(int rows, int columns, bool same)
    {
        var model = TinyModels.Of([2, 4, 1, 1], graph => graph.Output(
            graph.Add("Gemm", [graph.Add("Flatten", ["image"], "flat"), graph.Constant("b", Runtime.Noise(20), 4, 5), graph.Constant("c", Runtime.Noise(rows * columns), rows, columns)], "y"),
            DataType.Float, 2, 5));
        if (same)
        {
            Assert.That(Runtime.Run(Preparation.Prepare(model), Runtime.Noise(12), 3, 4, 1, 1)["y"].Shape, Is.EqualTo([3, 5]));
        }
        else
        {
            Assert.That(Sentences.Of(FailureKind.Model, () => Preparation.Prepare(model)), Does.Contain("y/Gemm").And.Contain("batch of 2"));
        }
    }

    [Test]
    public void Two_reshapes_of_one_name_and_shape_are_both_repaired()
    {
        var proto = TinyModels.Of([1, 4, 1, 1], graph =>
        {
            var shape = graph.Constant("shape", [1L, 4], 2);
            graph.Output(graph.Add("Reshape", [graph.Add("Reshape", ["image", shape], "x"), shape], "y"), DataType.Float, 1, 4);
        }).Copy();
        proto.Graph.Node[0].Name = proto.Graph.Node[1].Name = "view";
        var graph = new Graph(Preparation.Prepare(OnnxModel.FromProto(proto, "tiny")));
        Assert.That(ShapeInference.Infer(graph).Shape("y")?.ToString(), Is.EqualTo("N x 4"));
    }

    [Test]
    public void Sizes_of_the_sides_alone_leave_the_batch_free() => RowsAreThoseOfSingleImages(
        TinyModels.Node([1, 4, 2, 2], "Resize", 18, graph => ["", "", graph.Constant("sizes", [4L, 4], 2)], ("axes", new long[] { 2, 3 })), 4, 2, 2);

    [Test]
    public void Repeats_scales_and_statistics_of_images_are_refused_by_the_node()
    {
        Refused("Tile", 13, graph => [graph.Add("Cast", [graph.Constant("counts", [1f, 1, 2, 2], 4)], "unknown", ("to", (long)DataType.Int64))]);
        Refused("Resize", 13, graph => ["", graph.Constant("scales", [2f, 1, 1, 1], 4)]);
        Refused("Resize", 13, graph => ["", "", graph.Constant("sizes", [1L, 4, 4, 4], 4)]);
        Refused("BatchNormalization", 14, graph => [.. "smbv".Select(c => graph.Constant($"{c}", [1, 1, 1, 1], 4))], ("training_mode", 1L));

        static void Refused(string op, long opset, Func<GraphBuilder, string[]> more, params (string, object)[] attributes)
        {
            var model = TinyModels.Node([1, 4, 2, 2], op, opset, more, attributes);
            Assert.That(Sentences.Of(FailureKind.Model, () => Preparation.Prepare(model)), Does.Contain($"y/{op}"));
        }
    }

    [Test]
    public void A_left_out_output_does_not_hold_the_images()
    {
        var proto = TinyModels.Of([1, 4, 4, 4], graph => graph.Output(
            graph.Add("Clip", [graph.Add("MaxPool", ["image"], "pool", ("kernel_shape", new long[] { 2, 2 })), "", graph.Constant("most", [0.5f])], "y"), DataType.Float, 1, 4, 3, 3)).Copy();
        proto.Graph.Node[0].Output.Add("");
        RowsAreThoseOfSingleImages(OnnxModel.FromProto(proto, "tiny"), 4, 4, 4);
    }

    [Test]
    public void A_reshape_in_a_body_is_refused_and_not_followed()
    {
        var proto = TinyModels.Node([1, 3, 2, 2], "Relu", 13, _ => []).Copy();
        var body = new Protos.GraphProto { Node = { new Protos.NodeProto { OpType = "Neg", Input = { "image" }, Output = { "inner" } } }, Output = { new Protos.ValueInfoProto { Name = "inner" } } };
        proto.Graph.Node.Add(new Protos.NodeProto { OpType = "Reshape", Name = "odd", Output = { "z" }, Attribute = { new Protos.AttributeProto { Name = "body", G = body } } });
        Assert.That(Sentences.Of(FailureKind.Model, () => Preparation.Prepare(OnnxModel.FromProto(proto, "tiny"))), Does.Contain("odd has a body"));
    }

    [TestCase("b", "N")]
    [TestCase("N", "N")]
    [TestCase(1, "N")]
    public void A_side_that_is_called_as_the_batch_gets_another_name(object batch, string side)
    {
        var dims = Preparation.Prepare(TinyModels.Node([batch, 3, side, side], "Relu", 13, _ => [])).Proto.Graph.Input[0].Type.TensorType.Shape.Dim;
        Assert.That(dims.Select(d => d.DimParam), Is.EqualTo(["N", "", "N_1", "N_1"]));
    }

    // Two heads of two features over four tokens, as torch's MultiheadAttention is exported for one image.
    private static OnnxModel Attention() => TinyModels.Of([1, 4, 2, 2], graph =>
    {
        var maps = graph.Add("Reshape", ["image", graph.Constant("maps", [1L, 4, 4], 3)], "maps");
        var tokens = graph.Add("Transpose", [maps], "tokens", ("perm", new long[] { 2, 0, 1 })); // [T, N, 4]
        var heads = graph.Constant("heads", [4L, 2, 2], 3);
        var keys = graph.Add("MatMul", [tokens, graph.Constant("k", Runtime.Noise(16, 3), 4, 4)], "keys");
        var q = graph.Add("Transpose", [graph.Add("Reshape", [tokens, heads], "q0")], "q", ("perm", new long[] { 1, 0, 2 }));
        var k = graph.Add("Transpose", [graph.Add("Reshape", [keys, heads], "k0")], "kt", ("perm", new long[] { 1, 2, 0 }));
        var weights = graph.Add("Softmax", [graph.Add("MatMul", [q, k], "qk")], "weights", ("axis", -1L));
        var mixed = graph.Add("Transpose", [graph.Add("MatMul", [weights, q], "mixed")], "mixed0", ("perm", new long[] { 1, 0, 2 }));
        var rows = graph.Add("Reshape", [mixed, graph.Constant("rows", [4L, 4], 2)], "rows");
        var gemm = graph.Add("Gemm", [rows, graph.Constant("out", Runtime.Noise(16, 4), 4, 4)], "gemm");
        var back = graph.Add("Reshape", [gemm, graph.Constant("back", [4L, 1, 4], 3)], "back");
        graph.Output(graph.Add("Transpose", [back], "y", ("perm", new long[] { 1, 0, 2 })), DataType.Float, 1, 4, 4);
    });

    private static void RowsAreThoseOfSingleImages(OnnxModel model, int channels, int height, int width)
    {
        const int Images = 3;
        var pixels = Runtime.Noise(Images * channels * height * width);
        var each = pixels.Length / Images;
        var together = Runtime.Run(Preparation.Prepare(model), pixels, Images, channels, height, width).Values.Single();
        Assert.That(together.Shape[0], Is.EqualTo(Images));
        var length = together.Values.Length / Images;
        for (var i = 0; i < Images; i++)
        {
            var alone = Runtime.Run(model, pixels[(i * each)..((i + 1) * each)], 1, channels, height, width).Values.Single();
            var tolerance = 1e-5f * alone.Values.Max(Math.Abs);
            Assert.That(together.Values[(i * length)..((i + 1) * length)], Is.EqualTo(alone.Values).Within(tolerance), $"image {i}");
        }
    }
}
