using OnnxTransfer.FineTuning.Tests.Reference;
using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning.Tests.Gradients;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public class SumsInTwoTests
{
    [TestCase(new long[] { 0, 2, 3 }, 0L, 2)]
    [TestCase(new long[] { 0, 2, 3 }, 1L, 1)]
    [TestCase(new long[] { 0 }, 0L, 1)]
    [TestCase(new long[] { 0, 1, 2 }, 0L, 1)]
    [TestCase(new long[] { 0, 2 }, 0L, 2)]
    public void Sums_that_leave_channels_are_parted_and_mean_the_same(long[] axes, long keep, int expected)
    {
        var graph = GraphBuilder.Empty("sums", 17, 8);
        graph.Input("x", DataType.Float, 2, 3, 4, 5);
        var sum = graph.Add("ReduceSum", ["x", graph.Constant("axes", axes, axes.Length)], "sum", ("keepdims", keep));
        graph.Output(sum, DataType.Float);
        var whole = new Graph(graph.Build());
        var parted = new Graph(SumsInTwo.Apply(whole.Model));
        var x = new Dictionary<string, Nd> { ["x"] = Nd.Of([.. Enumerable.Range(0, 120).Select(i => Math.Sin(i))], [2, 3, 4, 5]) };
        var (before, after) = (ReferenceEvaluator.Run(whole, x, sum)[0], ReferenceEvaluator.Run(parted, x, sum)[0]);
        Assert.Multiple(() =>
        {
            Assert.That(parted.Nodes, Has.Count.EqualTo(expected));
            Assert.That(after.Dims, Is.EqualTo(before.Dims));
            Assert.That(after.Floats, Is.EqualTo(before.Floats).Within(1e-12));
        });
    }
}
