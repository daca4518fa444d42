using OnnxTransfer.Imaging;
using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Engine.Tests.Taps;

public class ImageInputTests
{
    [TestCase(new object[] { "N", 3, 224, 224 }, TensorLayout.NCHW, 224)]
    [TestCase(new object[] { "N", 224, 224, 3 }, TensorLayout.NHWC, 224)]
    [TestCase(new object[] { "N", 3, "H", "W" }, TensorLayout.NCHW, null)]
    [TestCase(new object[] { "N", 3, 240, 320 }, TensorLayout.NCHW, null)]
    [TestCase(new object[] { "N", "H", "W", 3 }, TensorLayout.NHWC, null)]
    public void The_layout_is_seen_from_the_three_channels(object[] dims, TensorLayout layout, int? size)
    {
        var input = ImageInput.Of(Graph(DataType.Float, dims));
        Assert.That(input, Is.EqualTo(new ImageInput("image", layout, size)));
    }

    [TestCase(new object[] { "N", 1, 28, 28 }, "one channel")]
    [TestCase(new object[] { "N", 784 }, "N x 784")]
    [TestCase(new object[] { "N", 64, 7, 7 }, "N x 64 x 7 x 7")]
    public void Other_inputs_are_refused_with_name_and_shape(object[] dims, string why) =>
        Assert.That(() => ImageInput.Of(Graph(DataType.Float, dims)), Refusal(why).And.Message.Contains("image"));

    [Test]
    public void Whole_numbers_are_refused() =>
        Assert.That(() => ImageInput.Of(Graph(DataType.Uint8, ["N", 3, 8, 8])), Refusal("uint8"));

    [Test]
    public void Several_inputs_are_refused_with_their_names()
    {
        var graph = GraphBuilder.Empty("two", 13, 7);
        graph.Input("photo", DataType.Float, "N", 3, 8, 8);
        graph.Input("mask", DataType.Float, "N", 1, 8, 8);
        graph.Output(graph.Add("Mul", ["photo", "mask"], "y"), DataType.Float);
        Assert.That(() => ImageInput.Of(new Graph(graph.Build())), Refusal("'photo' N x 3 x 8 x 8, 'mask' N x 1 x 8 x 8"));
    }

    [Test]
    public void Symbolic_channels_are_seen_from_the_convolution()
    {
        var model = Networks.Tiny(["N", "C", "H", "W"], g => g.Output(g.Conv("image", 3, 4, "conv"), DataType.Float));
        Assert.That(ImageInput.Of(new Graph(model)).Layout, Is.EqualTo(TensorLayout.NCHW));
        Assert.That(TapCatalog.Of(model, 40).Find("conv").Shape.ToString(), Is.EqualTo("N x 4 x 40 x 40"));
    }

    [Test]
    public void Channels_last_networks_are_tapped()
    {
        var model = Networks.Tiny(["N", 16, 16, 3], g =>
        {
            var first = g.Add("Transpose", ["image"], "first", ("perm", new long[] { 0, 3, 1, 2 }));
            var relu = g.Add("Relu", [g.Conv(first, 3, 4, "conv", 2)], "relu");
            g.Output(g.Add("Transpose", [relu], "last", ("perm", new long[] { 0, 2, 3, 1 })), DataType.Float);
        });
        var catalog = TapCatalog.Of(model, 32);
        Assert.That((catalog.Find("relu").Shape.ToString(), catalog.Find("relu").Stride), Is.EqualTo(("N x 4 x 16 x 16", 2)));
        Assert.That((catalog.Find("last").Channels, catalog.Find("last").Shape.ToString()), Is.EqualTo((4, "N x 16 x 16 x 4")));
    }

    private static Graph Graph(DataType type, object[] dims)
    {
        var graph = GraphBuilder.Empty("one", 13, 7);
        graph.Input("image", type, dims);
        graph.Output(graph.Add("Identity", ["image"], "y"), type);
        return new Graph(graph.Build());
    }

    private static NUnit.Framework.Constraints.ContainsConstraint Refusal(string why) =>
        Throws.TypeOf<OnnxTransferException>().With.Property("Kind").EqualTo(FailureKind.Model).And.Message.Contains(why);
}
