using OnnxTransfer.FineTuning.Tests.Reference;
using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning.Tests.Gradients;

/// <summary>Graphs of several nodes, and what cannot be differentiated.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public class DifferentiationTests
{
    [Test]
    public void A_tensor_used_several_times_gets_the_sum_of_its_gradients() => Holds(["N", 3], (graph, x) =>
    {
        var gate = graph.Add("Mul", [x, graph.Add("Sigmoid", [x], "s")], "swish");
        return graph.Add("Add", [graph.Add("Mul", [x, x], "square"), gate], "y");
    });

    [Test]
    public void An_inverted_residual_block_is_differentiated() => Holds(["N", 2, 4, 4], (graph, x) =>
    {
        var wide = Conv(graph, x, "wide", [4, 2, 1, 1], 1);
        var six = graph.Add("Clip", [wide, graph.Constant("low", [0f]), graph.Constant("high", [6f])], "six");
        var deep = Conv(graph, six, "deep", [4, 1, 3, 3], 4, ("pads", new long[] { 1, 1, 1, 1 }));
        return graph.Add("Add", [x, Conv(graph, deep, "narrow", [2, 4, 1, 1], 1)], "y");
    });

    [Test]
    public void Attention_with_a_shape_taken_at_run_time_is_differentiated() => Holds(["N", 3, 4], (graph, x) =>
    {
        var shape = graph.Add("Concat", [graph.Add("Gather", [graph.Add("Shape", [x], "shape"), graph.Constant("zero", [0L], 1)], "n"),
            graph.Constant("rest", [3L, 2, 2], 3)], "split/shape", ("axis", 0L));
        var heads = graph.Add("Transpose", [graph.Add("Reshape", [x, shape], "split")], "heads", ("perm", new long[] { 0, 2, 1, 3 }));
        var scores = graph.Add("MatMul", [heads, graph.Add("Transpose", [heads], "keys", ("perm", new long[] { 0, 1, 3, 2 }))], "scores");
        return graph.Add("MatMul", [graph.Add("Softmax", [scores], "shares"), heads], "y");
    });

    [Test]
    public void Places_that_follow_from_shapes_count_as_known() => Holds(["N", 4, 6], (graph, x) =>
    {
        var size = graph.Add("Gather", [graph.Add("Shape", [x], "shape"), graph.Constant("second", [1L], 1)], "size");
        var half = graph.Add("Div", [size, graph.Constant("two", [2L], 1)], "half");
        return graph.Add("Slice", [x, half, size, graph.Constant("axes", [1L], 1)], "y");
    });

    [Test]
    public void What_no_parameter_comes_before_gets_no_nodes()
    {
        var builder = GraphBuilder.Empty("case", 17, 8);
        builder.Input("x", DataType.Float, "N", 3);
        var w = builder.Constant("w", [1f, 2, 3], 3);
        var hidden = builder.Add("Exp", [builder.Add("Sin", ["x"], "sin")], "exp");
        var loss = builder.Add("ReduceSum", [builder.Add("Mul", [hidden, w], "product")], "loss", ("keepdims", 0L));
        var model = builder.Build();
        builder = new GraphBuilder(model);
        var gradients = Differentiation.Append(builder, ShapeInference.Infer(new Graph(model)), loss, [w, "elsewhere"]);
        Assert.Multiple(() =>
        {
            Assert.That(gradients.Keys, Is.EqualTo([w]));
            Assert.That(builder.Build().Proto.Graph.Node.Skip(4).Select(node => node.OpType), Has.None.EqualTo("Cos"));
        });
    }

    [Test]
    public void A_node_without_a_rule_is_named()
    {
        var failure = Fails(graph => graph.Add("Sin", ["x"], "y"));
        Assert.Multiple(() =>
        {
            Assert.That(failure.Message, Is.EqualTo("The Sin node y/Sin has no gradient here"));
            Assert.That(failure.Tensor, Is.EqualTo("y"));
        });
    }

    [Test]
    public void What_a_rule_cannot_do_is_said()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Fails(g => g.Add("Pad", ["x", g.Constant("p", [0L, 0, 1, 1, 0, 0, 1, 1], 8)], "y", ("mode", "reflect"))).Message, Does.Contain("mode 'reflect'"));
            Assert.That(Fails(g => g.Add("Resize", ["x", "", g.Constant("s", [1f, 1, 2, 2], 4)], "y", ("mode", "cubic"))).Message, Does.Contain("'cubic'"));
            Assert.That(
                Fails(g => g.Add("AveragePool", ["x"], "y", ("kernel_shape", new long[] { 2, 2 }), ("dilations", new long[] { 2, 2 }), ("auto_pad", "SAME_UPPER"))).Message, Does.Contain("dilations and SAME"));
            Assert.That(Fails(g => g.Add("Pow", ["x", "x"], "y")).Message, Does.Contain("exponent"));
            Assert.That(Fails(g => g.Add("BatchNormalization", ["x", .. Vectors(g)], "y", ("training_mode", 1L))).Message, Does.Contain("shape is not known").Or.Contain("training mode"));
            Assert.That(
                Fails(g => g.Add("MaxPool", ["x"], "y", ("kernel_shape", new long[] { 2, 2 }), ("storage_order", 1L))).Message, Does.Contain("column by column"));
        });

        static string[] Vectors(GraphBuilder graph) =>
            [.. new[] { "s", "b", "m", "v" }.Select(name => graph.Constant(name, [1f, 1], 2))];
    }

    private static NoGradientException Fails(Func<GraphBuilder, string> node) => Assert.Throws<NoGradientException>(() =>
    {
        var builder = GraphBuilder.Empty("case", 17, 8);
        builder.Input("x", DataType.Float, "N", 2, 4, 4);
        var loss = builder.Add("ReduceSum", [node(builder)], "loss", ("keepdims", 0L));
        var model = builder.Build();
        Differentiation.Append(new GraphBuilder(model), ShapeInference.Infer(new Graph(model)), loss, ["x"]);
    })!;

    private static string Conv(GraphBuilder graph, string x, string name, long[] dims, long group, params (string, object)[] more)
    {
        var count = (int)dims.Aggregate(1L, (product, dim) => product * dim);
        var weights = graph.Constant($"{name}/w", [.. GradientGoldens.Values(count, name.Length).Select(value => (float)value)], dims);
        return graph.Add("Conv", [x, weights], name, [("group", group), .. more]);
    }

    private static void Holds(object[] dims, Func<GraphBuilder, string, string> network)
    {
        var builder = GraphBuilder.Empty("case", 17, 8);
        builder.Input("x", DataType.Float, dims);
        long[] shape = [.. dims.Select(dim => dim is int size ? size : 2L)];
        var values = new Dictionary<string, Nd> { ["x"] = Nd.Of(GradientGoldens.Values((int)shape.Aggregate(1L, (product, dim) => product * dim), 1), shape) };
        var loss = GradientCase.Loss(builder, values, network(builder, "x"));
        var graph = Differentiated.Of(builder.Build(), loss, values, ["x"]);
        var found = graph.Reference();
        Assert.Multiple(() =>
        {
            Assert.That(Differentiated.Error(found, graph.Differences()), Is.LessThan(1e-6));
            Assert.That(Differentiated.Error(graph.Runtime()["x"], found["x"]), Is.LessThan(1e-5));
        });
    }
}
