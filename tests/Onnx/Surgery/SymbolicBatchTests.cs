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
