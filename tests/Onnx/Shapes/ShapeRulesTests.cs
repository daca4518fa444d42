using CsCheck;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Onnx.Tests.Shapes;

public class ShapeRulesTests
{
    [Test]
    public void Windows_give_as_many_positions_as_the_runtime() =>
        Gen.Select(Gen.Int[5, 17], Gen.Int[1, 5], Gen.Int[1, 5], Gen.Int[1, 2], Gen.Select(Gen.Int[0, 2], Gen.Int[0, 2]), Gen.Int[0, 3])
            .Where(c => c.Item5.Item1 < c.Item2 && c.Item5.Item2 < c.Item2 && c.Item1 + c.Item5.Item1 + c.Item5.Item2 > c.Item4 * (c.Item2 - 1))
            .Sample(c =>
            {
                var (size, kernel, stride, dilation, (before, after), kind) = c;
                var window = new List<(string, object)> { ("kernel_shape", new long[] { kernel, kernel }), ("strides", new long[] { stride, stride }) };
                if (kind == 0)
                {
                    window.Add(("auto_pad", "SAME_UPPER"));
                }
                else
                {
                    window.Add(("pads", new long[] { before, before, after, after }));
                }

                if (kind is 1 or 2)
                {
                    window.Add(("dilations", new long[] { dilation, dilation }));
                }

                return Agrees(kind switch
                {
                    0 or 1 => TinyModels.Node(["N", 2, size, size], "Conv", 11, g => [g.Constant("w", Runtime.Noise(2 * kernel * kernel), 1, 2, kernel, kernel)], [.. window]),
                    _ => TinyModels.Node(["N", 2, size, size], kind == 2 ? "MaxPool" : "AveragePool", 11, _ => [], [.. window, ("ceil_mode", 1L)]),
                }, 2, size);
            }, iter: 300, threads: 1);

    [TestCase("Transpose", "N x 5 x 6 x 3", "perm", new long[] { 0, 2, 3, 1 })]
    [TestCase("Flatten", "N x 90", "axis", 1L)]
    [TestCase("Flatten", "3*N x 30", "axis", 2L)]
    [TestCase("ReduceMean", "N x 3 x 1 x 1", "axes", new long[] { 2, 3 })]
    [TestCase("Squeeze", "impossible", "axes", new long[] { 1 })]
    [TestCase("Unsqueeze", "N x 1 x 3 x 5 x 6", "axes", new long[] { 1 })]
    [TestCase("SpaceToDepth", "N x 12 x ? x 3", "blocksize", 2L)]
    [TestCase("Softmax", "N x 3 x 5 x 6", "axis", 1L)]
    [TestCase("ArgMax", "N x 1 x 5 x 6", "axis", 1L)]
    [TestCase("NoSuchOperator", "unknown", "axis", 1L)]
    public void One_node(string op, string expected, string attribute, object value) =>
        Assert.That(Shape(TinyModels.Node(["N", 3, 5, 6], op, 11, _ => [], (attribute, value))), Is.EqualTo(expected));

    [TestCase(new long[] { 0, -1 }, "N x 90")]
    [TestCase(new long[] { -1, 90 }, "N x 90")]
    [TestCase(new long[] { -1, 45 }, "2*N x 45")]
    [TestCase(new long[] { 0, 3, 30 }, "N x 3 x 30")]
    [TestCase(new long[] { -1, 80 }, "impossible")]
    [TestCase(new long[] { 0, 80 }, "impossible")]
    public void Reshapes_keep_the_number_of_values(long[] wanted, string expected) =>
        Assert.That(Shape(TinyModels.Node(["N", 3, 5, 6], "Reshape", 13, g => [g.Constant("shape", wanted, wanted.Length)])), Is.EqualTo(expected));

    [Test]
    public void Dimensions_are_followed_through_arithmetic()
    {
        // x.view(n, 2, c // 2, h * w), as PyTorch writes it.
        var model = TinyModels.Of(["N", 6, 5, 4], g =>
        {
            var shape = g.Add("Shape", ["image"], "shape");
            string At(long axis) => g.Add("Gather", [shape, g.Constant("axis", [axis], 1)], "dim", ("axis", 0L));
            var half = g.Add("Div", [At(1), g.Constant("two", [2L], 1)], "half");
            var area = g.Add("Mul", [At(2), At(3)], "area");
            var wanted = g.Add("Concat", [At(0), g.Constant("groups", [2L], 1), half, area], "wanted", ("axis", 0L));
            g.Output(g.Add("Reshape", ["image", wanted], "y"), DataType.Float);
        });
        Assert.That(Shape(model), Is.EqualTo("N x 2 x 3 x 20"));
        Assert.That(Agrees(model, 6, 5, 4));
    }

    // In double precision 10 times the float 0.7 is a little less than 7.
    [TestCase(0.7f, "N x 3 x 7 x 7")]
    [TestCase(float.NaN, "N x 3 x ? x ?")]
    [TestCase(1e30f, "N x 3 x ? x ?")]
    public void Scales_multiply_in_float32(float scale, string expected)
    {
        var model = TinyModels.Node(["N", 3, 10, 10], "Resize", 13, g => ["", g.Constant("scales", [1, 1, scale, scale], 4)]);
        Assert.That(Shape(model), Is.EqualTo(expected));
        Assert.That(expected.Contains('?', StringComparison.Ordinal) || Agrees(model, 3, 10));
    }

    [Test]
    public void Sizes_that_are_bounds_are_not_followed() => Assert.That(
        Shape(TinyModels.Node(["N", 3, 8, 8], "Resize", 18, g => ["", "", g.Constant("sizes", [20L, 10], 2)], ("axes", new long[] { 2, 3 }), ("keep_aspect_ratio_policy", "not_larger"))),
        Is.EqualTo("N x 3 x ? x ?"));

    [Test]
    public void Sizes_of_some_axes_leave_the_others() => Assert.That(
        Shape(TinyModels.Node(["N", 3, 8, 8], "Resize", 18, g => ["", "", g.Constant("sizes", [20L, 10], 2)], ("axes", new long[] { 2, 3 }))),
        Is.EqualTo("N x 3 x 20 x 10"));

    [TestCase("kernel_shape", -5)]
    [TestCase("kernel_shape", 1L << 62)]
    [TestCase("dilations", long.MaxValue)]
    [TestCase("dilations", 0)]
    public void Windows_that_do_not_fit_are_impossible_however_large(string attribute, long value)
    {
        var attributes = new Dictionary<string, object> { ["kernel_shape"] = new long[] { 3, 3 }, ["dilations"] = new long[] { 1, 1 } };
        attributes[attribute] = new[] { value, value };
        Assert.That(Shape(TinyModels.Node(["N", 3, 8, 8], "MaxPool", 13, _ => [], [.. attributes.Select(a => (a.Key, a.Value))])), Is.EqualTo("impossible"));
    }

    [Test]
    public void Strides_may_be_larger_than_any_map() => Assert.That(
        Shape(TinyModels.Node(["N", 3, 8, 8], "MaxPool", 13, _ => [], ("kernel_shape", new long[] { 2, 2 }), ("strides", new[] { long.MaxValue, long.MaxValue }))),
        Is.EqualTo("N x 3 x 1 x 1"));

    [TestCase(new long[0])]
    [TestCase(new long[] { 3 })]
    [TestCase(new long[] { 1, 3, 1 })]
    public void Weights_of_another_rank_are_impossible(long[] dims) => Assert.That(
        Shape(TinyModels.Node(["N", 3, 8, 8], "Conv", 13, g => [g.Constant("w", new float[dims.Aggregate(1L, (a, b) => a * b)], dims)])),
        Is.EqualTo("impossible"));

    [TestCase(1L, 4L, long.MaxValue, "3")]
    [TestCase(3L, long.MinValue, long.MinValue, "6")]
    [TestCase(0L, 4L, 3L, "N x 6")]
    [TestCase(-1L, long.MinValue, -2L, "6 x 3")]
    public void Slices_of_shapes_take_any_step(long start, long end, long step, string expected)
    {
        var model = TinyModels.Of(["N", 3, 5, 6], g => g.Output(
            g.Add("ConstantOfShape", [g.Add("Slice", [g.Add("Shape", ["image"], "shape"), g.Constant("start", [start], 1), g.Constant("end", [end], 1), g.Constant("axis", [0L], 1), g.Constant("step", [step], 1)], "taken")], "y"),
            DataType.Float));
        Assert.That(Shape(model), Is.EqualTo(expected));
    }

    [Test]
    public void Values_are_not_followed_through_floats()
    {
        var model = TinyModels.Of(["N", 3, 5, 6], g =>
        {
            var floats = g.Add("Cast", [g.Add("Shape", ["image"], "shape")], "floats", ("to", (long)DataType.Float));
            g.Output(g.Add("ConstantOfShape", [g.Add("Cast", [floats], "back", ("to", (long)DataType.Int64))], "y"), DataType.Float);
        });
        Assert.That(Shape(model), Is.EqualTo("unknown"));
    }

    [Test]
    public void The_least_number_by_minus_one_is_unknown()
    {
        var model = TinyModels.Of(["N", 3, 5, 6], g => g.Output(
            g.Add("ConstantOfShape", [g.Add("Div", [g.Constant("least", [long.MinValue], 1), g.Constant("minus", [-1L], 1)], "quotient")], "y"), DataType.Float));
        Assert.That(Shape(model), Is.EqualTo("?"));
    }

    [Test]
    public void An_output_that_is_left_out_is_no_tensor()
    {
        // Clip's lower bound is left out, and so is the pool's second output.
        var proto = TinyModels.Of(["N", 3, 8, 8], g => g.Output(
            g.Add("Clip", [g.Add("MaxPool", ["image"], "pool", ("kernel_shape", new long[] { 2, 2 })), "", g.Constant("most", [6f])], "y"), DataType.Float)).Copy();
        proto.Graph.Node[0].Output.Add("");
        var shapes = ShapeInference.Infer(new Graph(OnnxModel.FromProto(proto, "tiny")));
        Assert.That(shapes.Shape("y")?.ToString(), Is.EqualTo("N x 3 x 7 x 7"));
        Assert.That(shapes.Shape(""), Is.Null);
    }

    [Test]
    public void A_normalisation_in_training_mode_is_impossible()
    {
        var model = TinyModels.Node(["N", 3, 8, 8], "BatchNormalization", 14, g => [.. "smbv".Select(c => g.Constant($"{c}", [1, 1, 1], 3))], ("training_mode", 1L));
        Assert.That(ShapeInference.Infer(new Graph(model)).Impossible("y"), Does.Contain("influence each other"));
    }

    [Test]
    public void A_window_larger_than_its_map_makes_what_follows_impossible_and_nothing_else()
    {
        var model = TinyModels.Of(["N", 3, 5, 5], g =>
        {
            var before = g.Add("Relu", ["image"], "before");
            var pool = g.Add("AveragePool", [before], "pool", ("kernel_shape", new long[] { 7, 7 }));
            g.Output(g.Add("Relu", [pool], "after"), DataType.Float);
            g.Output(g.Add("Neg", [before], "beside"), DataType.Float);
        });
        var shapes = ShapeInference.Infer(new Graph(model));
        Assert.Multiple(() =>
        {
            Assert.That(shapes.Shape("before")?.ToString(), Is.EqualTo("N x 3 x 5 x 5"));
            Assert.That(shapes.Shape("beside")?.ToString(), Is.EqualTo("N x 3 x 5 x 5"));
            Assert.That(shapes.Shape("after"), Is.Null);
            Assert.That(shapes.Impossible("after"), Does.Contain("pool/AveragePool").And.Contain("7 x 7").And.Contain("N x 3 x 5 x 5"));
            Assert.That(shapes.Impossible("beside"), Is.Null);
        });
    }

    [Test]
    public void Given_input_shapes_replace_the_declared_ones()
    {
        var graph = new Graph(TinyModels.Network());
        var shapes = ShapeInference.Infer(graph, new Dictionary<string, TensorShape> { ["image"] = new(Dim.Named("N"), 3, 32, 32) });
        Assert.That(shapes.Shape("relu")?.ToString(), Is.EqualTo("N x 4 x 16 x 16"));
    }

    [Test]
    public void Costs_add_up_along_the_way()
    {
        var costs = new Costs(ShapeInference.Infer(new Graph(TinyModels.Network())));
        const long Conv = 4 * 4 * 4 * 3 * 9; // outputs times what each adds up
        Assert.Multiple(() =>
        {
            Assert.That(costs.Total, Is.EqualTo(Conv + 8));
            Assert.That(costs.UpTo("pool"), Is.EqualTo(Conv));
            Assert.That(costs.PercentUpTo("scores"), Is.EqualTo(100));
        });
    }

    private static string Shape(OnnxModel model)
    {
        var shapes = ShapeInference.Infer(new Graph(model));
        return shapes.Impossible("y") is not null ? "impossible" : shapes.Shape("y")?.ToString() ?? "unknown";
    }

    private static bool Agrees(OnnxModel model, int channels, int height, int? width = null)
    {
        var inferred = ShapeInference.Infer(new Graph(model)).Shape("y")!;
        var shape = Runtime.Run(model, Runtime.Noise(2 * channels * height * (width ?? height)), 2, channels, height, width ?? height)["y"].Shape;
        return inferred.Dims.Select(d => d.Symbol is null ? d.Value : d.Factor * 2).SequenceEqual(shape.Select(d => (long?)d));
    }
}
