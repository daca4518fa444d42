using Microsoft.ML.OnnxRuntime;
using OnnxTransfer.FineTuning.Tests.Reference;
using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning.Tests.Gradients;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public class ResizeGradientTests
{
    // Places that are halves or wholes but for rounding.
    private static readonly (int From, int To)[] Sizes = [(14, 16), (14, 19), (7, 2), (14, 9), (20, 6), (28, 64), (7, 1), (3, 11)];

    [Test]
    public void Gradients_go_to_the_elements_that_the_runtime_takes_for_the_nearest(
        [Values("half_pixel", "pytorch_half_pixel", "half_pixel_symmetric", "align_corners", "asymmetric")] string coordinates,
        [Values("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")] string rounding,
        [Values] bool scaled)
    {
        Assert.Multiple(() =>
        {
            foreach (var (from, to) in Sizes)
            {
                var graph = GraphBuilder.Empty("resize", 17, 8);
                graph.Input("x", DataType.Float, from);
                graph.Input("weights", DataType.Float, to);
                string[] size = scaled ? [graph.Constant("scales", [(to + 0.001f) / from], 1)] : [string.Empty, graph.Constant("sizes", [(long)to], 1)];
                var y = graph.Add("Resize", ["x", string.Empty, .. size], "y", ("coordinate_transformation_mode", coordinates), ("nearest_mode", rounding));
                var loss = graph.Add("ReduceSum", [graph.Add("Mul", [y, "weights"], "weighted")], "loss", ("keepdims", 0L));
                double[] weights = [.. Enumerable.Range(0, to).Select(row => (double)(row + 1))];
                var values = new Dictionary<string, Nd> { ["x"] = Nd.Of([.. Enumerable.Range(0, from).Select(place => (double)place)], [from]), ["weights"] = Nd.Of(weights, [to]) };
                var found = Differentiated.Of(graph.Build(), loss, values, ["x"]).Runtime()["x"];
                var read = Forward(graph, y, from);
                Assert.That(found, Is.EqualTo(Enumerable.Range(0, from).Select(place => weights.Where((_, row) => read[row] == place).Sum())), $"{from} to {to}");
            }
        });
    }

    // What is read of places is where it is read.
    private static float[] Forward(GraphBuilder graph, string output, int from)
    {
        graph.ClearOutputs();
        graph.Output(output, DataType.Float);
        using var session = new InferenceSession(graph.Build().ToBytes());
        using var run = new RunOptions();
        using var places = OrtValue.CreateTensorValueFromMemory([.. Enumerable.Range(0, from).Select(place => (float)place)], [from]);
        using var unused = OrtValue.CreateTensorValueFromMemory(new float[session.InputMetadata["weights"].Dimensions[0]], [session.InputMetadata["weights"].Dimensions[0]]);
        using var made = session.Run(run, new Dictionary<string, OrtValue> { ["x"] = places, ["weights"] = unused }, [output]);
        return made[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
