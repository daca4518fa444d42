using OnnxTransfer.FineTuning.Tests.Reference;
using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning.Tests.Gradients;

/// <summary>Batch normalisation with the batch's own statistics.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public class TrainingBatchNormTests
{
    [Test]
    public void Outputs_gradients_and_next_statistics_are_those_of_PyTorch()
    {
        var (graph, norm, y) = Lowered([2, 3, 4, 5], "N", 3, 4, 5);
        var expected = GradientGoldens.Read("batch_norm");
        var gradients = graph.Reference();
        var forward = ReferenceEvaluator.Run(graph.Forward, graph.Inputs, y, norm.NextMean, norm.NextVariance);
        Assert.Multiple(() =>
        {
            foreach (var (name, found) in new[] { ("y", forward[0].Floats), ("mean", forward[1].Floats), ("variance", forward[2].Floats) }
                .Concat(gradients.Select(pair => (pair.Key, pair.Value))))
            {
                Assert.That(Differentiated.Error(found, GradientGoldens.Numbers(expected.GetProperty(name))), Is.LessThan(1e-6), name);
            }
        });
    }

    [Test]
    public void Gradients_are_those_of_differences_and_run_in_float32([Values] bool vectors)
    {
        var (graph, _, _) = vectors ? Lowered([6, 3], "N", 3) : Lowered([2, 3, 2, 4], "N", 3, 2, 4);
        var found = graph.Reference();
        var run = graph.Runtime();
        Assert.Multiple(() =>
        {
            Assert.That(Differentiated.Error(found, graph.Differences()), Is.LessThan(1e-6));
            Assert.That(Differentiated.Error(run, found), Is.LessThan(1e-5));
        });
    }

    [Test]
    public void The_nodes_stay_in_an_order_in_which_they_can_be_computed()
    {
        var (graph, _, _) = Lowered([2, 3, 2, 4], "N", 3, 2, 4);
        Assert.That(graph.Forward.Nodes, Is.EqualTo(graph.Forward.Model.Proto.Graph.Node));
    }

    private static (Differentiated Graph, TrainingBatchNorm Norm, string Output) Lowered(long[] dims, params object[] declared)
    {
        var values = new Dictionary<string, Nd>();
        var builder = GraphBuilder.Empty("case", 17, 8);
        Add("x", dims, declared, -1, 1);
        foreach (var (name, low, high) in new[] { ("scale", 0.5, 1.5), ("bias", -1, 1), ("mean", -1, 1), ("variance", 0.5, 2) })
        {
            Add(name, [3], [3], low, high);
        }

        var y = builder.Add("BatchNormalization", ["x", "scale", "bias", "mean", "variance"], "y");
        var loss = GradientCase.Loss(builder, values, y);
        var model = builder.Build();
        builder = new GraphBuilder(model);
        var graph = new Graph(model);
        var norm = TrainingBatchNorm.Lower(builder, graph.Producer(y)!, ShapeInference.Infer(graph).Shape("x")!, 3);
        var rules = new Dictionary<string, GradientRule> { [norm.Output] = norm.Rule };
        return (Differentiated.Of(builder.Build(), loss, values, ["x", "scale", "bias"], rules), norm, y);

        void Add(string name, long[] shape, object[] symbols, double low, double high)
        {
            builder.Input(name, DataType.Float, symbols);
            values[name] = Nd.Of(GradientGoldens.Values((int)shape.Aggregate(1L, (product, dim) => product * dim), values.Count + 1, low, high), shape);
        }
    }
}
