using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Onnx.Tests.Surgery;

public class InferenceFormTests
{
    [TestCase(true)]
    [TestCase(false)]
    public void A_batch_normalisation_is_folded_into_the_convolution_before_it(bool hasIntercepts)
    {
        var model = Network(hasIntercepts, static (graph, normal) => graph.Add("Relu", [normal], "y"));
        var folded = InferenceForm.Of(model);
        Assert.That(folded.Proto.Graph.Node.Select(node => node.OpType), Is.EqualTo(new[] { "Conv", "Relu" }));
        Assert.That(folded.Proto.Graph.Initializer, Has.Count.EqualTo(2));
        AssertSame(model, folded);
    }

    [Test]
    public void A_convolution_that_is_also_read_elsewhere_stays()
    {
        var model = Network(true, static (graph, normal) => graph.Add("Add", [normal, "conv"], "y"));
        var folded = InferenceForm.Of(model);
        Assert.That(folded.Proto.Graph.Node.Select(node => node.OpType), Is.EqualTo(new[] { "Conv", "BatchNormalization", "Add" }));
        AssertSame(model, folded);
    }

    [Test]
    public void Dropouts_and_identities_are_left_out()
    {
        var model = TinyModels.Of(["N", 3, 4, 4], graph =>
        {
            var dropped = graph.Add("Dropout", ["image"], "dropped");
            var same = graph.Add("Identity", [dropped], "same");
            graph.Output(graph.Add("Relu", [same], "y"), DataType.Float);
        });
        var lean = InferenceForm.Of(model);
        Assert.That(lean.Proto.Graph.Node.Select(node => node.OpType), Is.EqualTo(new[] { "Relu" }));
        AssertSame(model, lean);
    }

    [Test]
    public void An_identity_that_makes_an_output_stays()
    {
        var model = TinyModels.Of(["N", 3, 4, 4], graph => graph.Output(graph.Add("Identity", [graph.Add("Relu", ["image"], "r")], "y"), DataType.Float));
        Assert.That(InferenceForm.Of(model).Proto.Graph.Node, Has.Count.EqualTo(2));
    }

    private static OnnxModel Network(bool hasIntercepts, Func<GraphBuilder, string, string> end) => TinyModels.Of(["N", 3, 4, 4], graph =>
    {
        var weights = graph.Constant("w", Runtime.Noise(5 * 3 * 9), 5, 3, 3, 3);
        string[] inputs = hasIntercepts ? ["image", weights, graph.Constant("b", Runtime.Noise(5, 2), 5)] : ["image", weights];
        var conv = graph.Add("Conv", inputs, "conv", ("pads", new long[] { 1, 1, 1, 1 }));
        var normal = graph.Add(
            "BatchNormalization",
            [
                conv, graph.Constant("scale", Runtime.Noise(5, 3), 5), graph.Constant("shift", Runtime.Noise(5, 4), 5),
                graph.Constant("mean", Runtime.Noise(5, 5), 5), graph.Constant("variance", [.. Runtime.Noise(5, 6).Select(v => v + 1.5f)], 5),
            ],
            "normal",
            ("epsilon", 1e-3f));
        graph.Output(end(graph, normal), DataType.Float);
    });

    private static void AssertSame(OnnxModel model, OnnxModel other)
    {
        var image = Runtime.Noise(2 * 3 * 16, 7);
        Assert.That(
            Runtime.Run(other, image, 2, 3, 4, 4).Values.Single().Values,
            Is.EqualTo(Runtime.Run(model, image, 2, 3, 4, 4).Values.Single().Values).Within(2e-6));
    }
}
