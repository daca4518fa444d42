using CsCheck;
using OnnxTransfer.FineTuning.Tests.Reference;
using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning.Tests.Gradients;

/// <summary>Rules that depend on shapes, on shapes that nobody thought of.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public class RandomShapeTests
{
    private const int Samples = 60;
    private static readonly string[] Operators = ["Add", "Sub", "Mul", "Div", "Max"];

    [Test]
    public void Convolutions_of_any_window_are_differentiated() =>
        (from groups in Gen.Int[1, 2]
         from channels in Gen.Int[1, 5]
         from filters in Gen.Int[1, 2]
         from size in Gen.Int[4, 6].Array[2]
         from kernel in Gen.Int[1, 3].Array[2]
         from stride in Gen.Long[1, 3].Array[2]
         from dilation in Gen.Long[1, 2].Array[2]
         from pads in Gen.Long[0, 2].Array[4]
         select (groups, channels, filters, size, kernel, stride, dilation, pads))
        .Sample(
            c =>
            {
                // A window must fit its map at least once.
                var fits = Enumerable.Range(0, 2).All(i => c.size[i] + c.pads[i] + c.pads[i + 2] > (c.kernel[i] - 1) * c.dilation[i]);
                return !fits || Holds(
                    "Conv",
                    [[1, c.groups * c.channels, c.size[0], c.size[1]], [c.groups * c.filters, c.channels, c.kernel[0], c.kernel[1]]],
                    ("group", (long)c.groups),
                    ("strides", c.stride),
                    ("dilations", c.dilation),
                    ("pads", c.pads));
            },
            iter: Samples / 6);

    [Test]
    public void Products_of_any_rank_are_differentiated() =>
        (from front in Gen.Int[1, 3].Array[0, 2]
         from left in Gen.Bool.Array[2]
         from right in Gen.Bool.Array[2]
         from drop in Gen.Int[0, 2]
         from sides in Gen.Int[1, 3].Array[3]
         select (front, left, right, drop, sides))
        .Sample(
            c => Holds("MatMul", [
                [.. c.front.Select((dim, i) => c.left[i] ? dim : 1), c.sides[0], c.sides[1]],
                [.. c.front.Select((dim, i) => c.right[i] ? dim : 1).Skip(c.drop), c.sides[1], c.sides[2]]]),
            iter: Samples);

    [Test]
    public void Arithmetic_of_any_repetition_is_differentiated() =>
        (from place in Gen.Int[0, 4]
         from dims in Gen.Int[1, 3].Array[1, 4]
         from left in Gen.Bool.Array[4]
         from right in Gen.Bool.Array[4]
         from drop in Gen.Int[0, 3]
         select (op: Operators[place], dims, left, right, drop))
        .Sample(
            c => Holds(c.op, [
                [.. c.dims.Select((dim, i) => c.left[i] ? dim : 1)],
                [.. c.dims.Select((dim, i) => c.right[i] ? dim : 1).Skip(c.drop)]]),
            iter: Samples);

    private static bool Holds(string op, int[][] shapes, params (string, object)[] attributes)
    {
        var values = new Dictionary<string, Nd>();
        var builder = GraphBuilder.Empty("case", 17, 8);
        foreach (var shape in shapes)
        {
            var name = $"x{values.Count}";
            builder.Input(name, DataType.Float, [.. shape.Select(dim => (object)dim)]);
            values[name] = Nd.Of(
                GradientGoldens.Values(shape.Aggregate(1, (product, dim) => product * dim), values.Count + 1, 0.5, 2), [.. shape.Select(dim => (long)dim)]);
        }

        string[] inputs = [.. values.Keys];
        var loss = GradientCase.Loss(builder, values, builder.Add(op, inputs, "y", attributes));
        var graph = Differentiated.Of(builder.Build(), loss, values, inputs);
        var found = graph.Reference();
        return Differentiated.Error(found, graph.Differences()) < 1e-6 && inputs.All(name => Differentiated.Error(graph.Runtime()[name], found[name]) < 1e-5);
    }
}
