using OnnxTransfer.FineTuning.Tests.CustomOperators;
using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning.Tests;

public class GradientGraphTests
{
    [Test]
    public void Weights_that_are_added_up_have_the_same_gradient_each()
    {
        var graph = GraphBuilder.Empty("sum", 17, 8);
        graph.Input("x", DataType.Float, "N", 4);
        var product = graph.Add("MatMul", [Matrix("a", 1), Matrix("b", 2)], "product");
        var sum = graph.Add("Add", [graph.Add("Add", [product, Matrix("c", 3)], "two"), Matrix("d", 4)], "three");
        graph.Output(graph.Add("MatMul", ["x", sum], "scores"), DataType.Float, "N", 4);
        var compiled = ProgramCompiler.Compile(graph.Build(), "scores", new TensorShape([Dim.Named("N"), Dim.Of(4)]), new ProgramOptions
        {
            TakesImages = true,
            Loss = (builder, logits, targets, classes) => SoftmaxCrossEntropy.Append(builder, logits, targets, classes, 0),
        });
        using var engine = new GraphEngine(compiled.Program, compiled.Start, new Sgd(), null, 1);
        engine.Accumulate(new TrainingBatch(1, [Noise.Of(4, 5)], [1, 0, 0, 0]));
        var gradients = engine.Gradients();
        Assert.That(gradients["c"], Is.EqualTo(gradients["d"]).And.Some.Not.Zero);

        string Matrix(string name, int seed) => graph.Constant(name, Noise.Of(16, seed), 4, 4);
    }
}
