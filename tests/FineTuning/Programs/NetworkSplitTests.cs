using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Tests;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning.Tests.Programs;

public class NetworkSplitTests
{
    [Test]
    public void What_no_learned_weight_comes_before_is_split_off()
    {
        var split = Split("w2");
        Assert.That(split.Border, Is.EqualTo(new[] { "r1" }));
        Assert.That(Ops(split.Frozen!), Is.EqualTo(new[] { "Conv", "Relu" }));
        Assert.That(Ops(split.Rest), Is.EqualTo(new[] { "Conv", "Add" }));
        Assert.That(split.Rest.Proto.Graph.Initializer.Select(tensor => tensor.Name), Is.EqualTo(new[] { "w2" }));
    }

    [Test]
    public void A_branch_around_a_learned_layer_crosses_the_border_too()
    {
        var split = Split("w2", skipsFirst: true);
        Assert.That(split.Border, Is.EquivalentTo(new[] { "r1", "c1" }));
    }

    [Test]
    public void Where_the_first_layer_is_learned_nothing_is_split_off()
    {
        var split = Split("w1");
        Assert.That(split.Frozen, Is.Null);
        Assert.That(split.Border, Is.EqualTo(new[] { "image" }));
    }

    [Test]
    public void Both_parts_in_a_row_compute_what_the_whole_does()
    {
        var (model, split) = (Network(false), Split("w2"));
        var image = Runtime.Noise(2 * 3 * 16);
        var border = Runtime.Run(split.Frozen!, image, 2, 3, 4, 4)["r1"];
        Assert.That(Runtime.Run(split.Rest, border.Values, border.Shape)["y"].Values, Is.EqualTo(Runtime.Run(model, image, 2, 3, 4, 4)["y"].Values));
    }

    private static string[] Ops(OnnxModel model) => [.. model.Proto.Graph.Node.Select(node => node.OpType)];

    private static NetworkSplit Split(string learned, bool skipsFirst = false) =>
        NetworkSplit.Of(ShapeInference.Infer(new Graph(Network(skipsFirst))), "image", "y", new HashSet<string> { learned });

    // Conv, Relu, Conv, and a branch around the second one, from behind or before the Relu.
    private static OnnxModel Network(bool skipsFirst) => TinyModels.Of(["N", 3, 4, 4], graph =>
    {
        var first = graph.Add("Conv", ["image", graph.Constant("w1", Runtime.Noise(9), 3, 3, 1, 1)], "c1");
        var positive = graph.Add("Relu", [first], "r1");
        var second = graph.Add("Conv", [positive, graph.Constant("w2", Runtime.Noise(9, 2), 3, 3, 1, 1)], "c2");
        graph.Output(graph.Add("Add", [second, skipsFirst ? first : positive], "y"), DataType.Float, "N", 3, 4, 4);
    }, opset: 17);
}
