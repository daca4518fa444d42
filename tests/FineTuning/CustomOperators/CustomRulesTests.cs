using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning.Tests.CustomOperators;

/// <summary>Each operator against the graph in ONNX's own, on ONNX Runtime: loss, logits, gradients and statistics.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public class CustomRulesTests
{
    private const int Channels = 3, Images = 2;

    [Test]
    public void Relu_passes_the_gradient_where_its_result_is_positive() => Same((graph, x) => graph.Add("Relu", [x], "y"), "ReluGradient");

    [Test]
    public void Clip_passes_the_gradient_between_its_bounds() =>
        Same((graph, x) => graph.Add("Clip", [x, graph.Constant("low", [-0.1f]), graph.Constant("high", [0.2f])], "y"), "ClipGradient");

    [TestCase(3, 2, 0, 1, 0L)]
    [TestCase(3, 2, 1, 1, 0L)]
    [TestCase(3, 2, 0, 1, 1L)]
    [TestCase(2, 1, 0, 2, 0L)]
    [TestCase(3, 1, 1, 1, 0L)]
    public void MaxPool_gives_the_gradient_to_the_first_maximum(int kernel, int stride, int pad, int dilation, long ceil) => Same(
        (graph, x) => graph.Add("MaxPool", [graph.Add("Relu", [x], "relu")], "y", ("kernel_shape", (long[])[kernel, kernel]), ("strides", (long[])[stride, stride]),
            ("pads", (long[])[pad, pad, pad, pad]), ("dilations", (long[])[dilation, dilation]), ("ceil_mode", ceil)),
        "MaxPoolGradient");

    [TestCase(3, 1, 1, 1, true)]
    [TestCase(3, 2, 1, 1, false)]
    [TestCase(5, 2, 2, 1, true)]
    [TestCase(3, 1, 2, 2, false)]
    [TestCase(2, 3, 0, 1, true)]
    [TestCase(3, 2, 0, 2, false)]
    public void Depthwise_convolutions_and_their_gradients_are_those_of_Conv(int kernel, int stride, int pad, int dilation, bool intercept) => Same(
        (graph, x) =>
        {
            string[] inputs = [x, graph.Constant("deep", Noise.Of(Channels * kernel * kernel, 5), Channels, 1, kernel, kernel), .. intercept ? (string[])[graph.Constant("shift", [0.1f, 0.2f, -0.3f], 3)] : []];
            return graph.Add("Conv", inputs, "y", ("group", (long)Channels), ("strides", (long[])[stride, stride]),
                ("pads", (long[])[pad, pad, pad, pad]), ("dilations", (long[])[dilation, dilation]));
        },
        "DepthwiseGradient", "DepthwiseConv");

    [Test]
    public void Their_gradients_are_so_where_one_is_asked_for_alone([Values] bool image, [Values(1, 2)] int stride)
    {
        var frozen = image ? "first" : "deep";
        Same(
            (graph, x) => graph.Add(
                "Conv", [x, graph.Constant("deep", Noise.Of(Channels * 9, 5), Channels, 1, 3, 3)], "y", ("group", (long)Channels), ("strides", (long[])[stride, stride]), ("pads", (long[])[1, 1, 1, 1])),
            false, image ? ["DepthwiseWeightGradient"] : ["DepthwiseInputGradient"], ["DepthwiseGradient"], learned: name => name != frozen);
    }

    [Test]
    public void They_take_the_activation_behind_them([Values("Relu", "Clip")] string activation, [Values(1, 2)] int stride, [Values(11, 14)] int width) => Same(
        (graph, x) =>
        {
            string[] inputs = [x, graph.Constant("deep", Noise.Of(Channels * 9, 5), Channels, 1, 3, 3), graph.Constant("shift", [0.1f, 0.2f, -0.3f], 3)];
            return Activated(graph, activation, graph.Add("Conv", inputs, "between", ("group", (long)Channels), ("strides", (long[])[stride, stride]), ("pads", (long[])[1, 1, 1, 1])));
        },
        false, ["DepthwiseGradient", "DepthwiseConv"], [activation], width: width);

    [Test]
    public void They_are_so_whatever_the_sides_of_the_map([Values(1, 3, 4, 7, 8, 14)] int height, [Values(1, 2, 7, 8, 13, 40)] int width, [Values(1, 2)] int stride) => Same(
        (graph, x) => graph.Add(
            "Conv", [x, graph.Constant("deep", Noise.Of(Channels * 9, 5), Channels, 1, 3, 3)], "y", ("group", (long)Channels), ("strides", (long[])[stride, stride]), ("pads", (long[])[1, 1, 1, 1])),
        false, ["DepthwiseGradient", "DepthwiseConv"], height: height, width: width);

    [TestCase(24, 7, true)]
    [TestCase(16, 20, false)]
    [TestCase(264, 3, true)]
    public void Convolutions_of_one_element_and_their_gradients_are_those_of_Conv(int channels, int filters, bool intercept) => Same(
        (graph, x) =>
        {
            var wide = graph.Add("Conv", [x, graph.Constant("wide", Noise.Of(channels * Channels, 4), channels, Channels, 1, 1)], "widened");
            string[] inputs = [wide, graph.Constant("deep", Noise.Of(filters * channels, 5), filters, channels, 1, 1), .. intercept ? (string[])[graph.Constant("shift", Noise.Of(filters, 6), filters)] : []];
            var point = graph.Add("Conv", inputs, "point");
            return graph.Add("Conv", [point, graph.Constant("narrow", Noise.Of(filters * Channels, 7), Channels, filters, 1, 1)], "narrowed");
        },
        "PointwiseWeightGradient");

    [TestCase(16, 16, 1, 1, true)]
    [TestCase(32, 48, 0, 2, false)]
    [TestCase(48, 16, 2, 0, true)]
    public void Convolutions_of_three_by_three_and_their_gradients_are_those_of_Conv(int channels, int filters, int before, int after, bool intercept) => Same(
        (graph, x) =>
        {
            var wide = graph.Add("Conv", [x, graph.Constant("wide", Noise.Of(channels * Channels, 4), channels, Channels, 1, 1)], "widened");
            string[] inputs = [wide, graph.Constant("deep", Noise.Of(filters * channels * 9, 5), filters, channels, 3, 3), .. intercept ? (string[])[graph.Constant("shift", Noise.Of(filters, 6), filters)] : []];
            var square = graph.Add("Conv", inputs, "square", ("pads", (long[])[before, before, after, after]));
            return graph.Add("Conv", [square, graph.Constant("narrow", Noise.Of(filters * Channels, 7), Channels, filters, 1, 1)], "narrowed");
        },
        batch: false, ["WinogradConv", "WinogradInputGradient", "WinogradWeightGradient"], tolerance: 2e-5f);

    [TestCase(false)]
    [TestCase(true)]
    public void A_batch_normalisation_has_the_gradients_of_its_nodes(bool batch) => Same(
        (graph, x) => graph.Add(
            "BatchNormalization", [x, graph.Constant("scale", [1f, 0.5f, 2], 3), graph.Constant("bias", [0f, 0.1f, -0.2f], 3), graph.Constant("mean", [0.1f, 0, 0.2f], 3),
            graph.Constant("variance", [0.5f, 1, 2], 3)], "y", ("epsilon", 1e-3f)),
        batch, batch ? ["NormalisationGradient", "BatchStatistics"] : ["NormalisationGradient"]);

    [TestCase("Relu", false)]
    [TestCase("Clip", true)]
    public void A_normalisation_takes_the_activation_behind_it(string activation, bool batch) => Same(
        (graph, x) =>
        {
            var between = graph.Add(
                "BatchNormalization", [x, graph.Constant("scale", [1f, -0.5f, 2], 3), graph.Constant("bias", [0f, 0.1f, -0.2f], 3), graph.Constant("mean", [0.1f, 0, 0.2f], 3),
                graph.Constant("variance", [0.5f, 1, 2], 3)], "between", ("epsilon", 1e-3f));
            return Activated(graph, activation, between);
        },
        batch, ["Normalisation", "NormalisationGradient"], [activation]);

    [Test]
    public void A_normalisation_leaves_an_activation_alone_that_is_not_its_only_reader() => Same(
        (graph, x) =>
        {
            var between = graph.Add(
                "BatchNormalization", [x, graph.Constant("scale", [1f, -0.5f, 2], 3), graph.Constant("bias", [0f, 0.1f, -0.2f], 3), graph.Constant("mean", [0.1f, 0, 0.2f], 3),
                graph.Constant("variance", [0.5f, 1, 2], 3)], "between", ("epsilon", 1e-3f));
            return graph.Add("Add", [between, graph.Add("Relu", [between], "positive")], "y");
        },
        false, ["BatchNormalization", "Relu", "NormalisationGradient", "ReluGradient"]);

    [Test]
    public void A_convolution_takes_the_gradient_of_the_activation_behind_it([Values("Relu", "Clip")] string activation, [Values("Pointwise", "Winograd", "strides")] string kind, [Values] bool intercept) => Same(
        (graph, x) =>
        {
            var wide = graph.Add("Conv", [x, graph.Constant("wide", Noise.Of(16 * Channels, 4), 16, Channels, 1, 1)], "widened");
            var side = kind == "Pointwise" ? 1 : 3;
            string[] inputs = [wide, graph.Constant("deep", Noise.Of(16 * 16 * side * side, 5), 16, 16, side, side), .. intercept ? (string[])[graph.Constant("shift", Noise.Of(16, 6), 16)] : []];
            var between = graph.Add("Conv", inputs, "between", ("strides", kind == "strides" ? (long[])[2, 2] : [1, 1]));
            return graph.Add("Conv", [Activated(graph, activation, between), graph.Constant("narrow", Noise.Of(16 * Channels, 7), Channels, 16, 1, 1)], "narrowed");
        },
        false, ["ActivationGradient"], ["ReluGradient", "ClipGradient"], tolerance: 2e-5f);

    [Test]
    public void A_convolution_leaves_an_activation_alone_that_is_not_its_only_reader() => Same(
        (graph, x) =>
        {
            var between = graph.Add("Conv", [x, graph.Constant("deep", Noise.Of(Channels * Channels, 5), Channels, Channels, 1, 1)], "between");
            return graph.Add("Add", [between, graph.Add("Relu", [between], "positive")], "y");
        },
        false, ["ReluGradient", "Relu"], ["ActivationGradient"]);

    [Test]
    public void A_normalisation_goes_into_the_convolution_before_it(
        [Values(null, "Relu", "Clip")] string? activation, [Values("depthwise", "pointwise", "strides")] string kind, [Values] bool intercept) => Same(
        (graph, x) =>
        {
            var normalised = Normalised(graph, Convolved(graph, x, kind, intercept));
            return activation is null ? normalised : Activated(graph, activation, normalised);
        },
        false, kind == "depthwise" ? ["DepthwiseConv"] : ["Conv"], ["BatchNormalization", "Normalisation", "NormalisationGradient"]);

    [Test]
    public void What_is_no_number_stays_none_through_the_activation_of_a_convolution([Values("Relu", "Clip")] string activation, [Values("depthwise", "pointwise", "strides")] string kind)
    {
        var compiled = Compile((graph, x) => Activated(graph, activation, Normalised(graph, Convolved(graph, x, kind, intercept: true))), batch: false);
        compiled.Start.Parameters["deep"][0] = float.NaN;
        Assert.That(Step(compiled, GradientForm.Custom, 1).Loss, Is.NaN);
    }

    [Test]
    public void A_normalisation_that_is_not_learned_goes_there_too() => Same(
        (graph, x) => Normalised(graph, Convolved(graph, x, "pointwise", intercept: true)),
        false, ["Conv"], ["BatchNormalization"], learned: static name => name is not ("scale" or "bias"));

    [TestCase("the kernel is not learned")]
    [TestCase("the statistics are the batch's")]
    [TestCase("another node reads the map")]
    public void It_does_not_where(string reason) => Same(
        (graph, x) =>
        {
            var map = Convolved(graph, x, "pointwise", intercept: false);
            var normalised = Normalised(graph, map);
            return reason == "another node reads the map" ? graph.Add("Add", [map, normalised], "y") : normalised;
        },
        reason == "the statistics are the batch's", ["NormalisationGradient"], learned: name => name != "deep" || reason != "the kernel is not learned");

    [TestCase(1, 1)]
    [TestCase(2, 3)]
    [TestCase(5, 1)]
    public void Maps_may_be_smaller_than_a_tile(int height, int width) => Same(
        (graph, x) =>
        {
            var wide = graph.Add("Conv", [x, graph.Constant("wide", Noise.Of(16 * Channels, 4), 16, Channels, 1, 1)], "widened");
            var square = graph.Add("Conv", [wide, graph.Constant("square", Noise.Of(16 * 16 * 9, 5), 16, 16, 3, 3)], "squared", ("pads", (long[])[1, 1, 1, 1]));
            return graph.Add("Conv", [square, graph.Constant("narrow", Noise.Of(16 * Channels, 7), Channels, 16, 1, 1)], "narrowed");
        },
        false, ["WinogradConv", "WinogradInputGradient", "WinogradWeightGradient"], tolerance: 2e-5f, height: height, width: width);

    [Test]
    public void A_gradient_that_several_nodes_read_is_overwritten_by_none() => Same(
        (graph, x) =>
        {
            string Branch(string name, int seed) => graph.Add(
                "Conv", [x, graph.Constant($"{name}/deep", Noise.Of(Channels * 9, seed), Channels, 1, 3, 3)], name, ("group", (long)Channels), ("pads", (long[])[1, 1, 1, 1]));
            return graph.Add("Add", [graph.Add("Add", [Branch("one", 5), Branch("two", 6)], "both"), graph.Add("Relu", [x], "relu")], "y");
        },
        "DepthwiseGradient", "ReluGradient");

    [Test]
    public void The_gradients_of_kernels_are_made_before_that_of_their_map_goes_on()
    {
        var graph = new Graph(Compile((graph, x) => EveryKind(graph, graph.Add("Relu", [x], "relu")), false, 61, 58).Program.In(GradientForm.Custom).Gradients);
        var afters = graph.Nodes.Where(static node => node.OpType == "After").ToList();
        Assert.That(afters, Has.Count.EqualTo(4), "one for each convolution, but for the depthwise one, whose gradients are one node's");
        Assert.That(afters.Select(static after => after.Input[1]), Is.SubsetOf(graph.Outputs.Select(static output => output.Name)), "the gradient of a kernel");
        Assert.That(
            afters.Select(after => graph.Consumers(after.Output[0]).SingleOrDefault()?.OpType),
            Is.EqualTo(new[] { "Conv", "WinogradInputGradient", "Conv", null }), "but for the first, which reads the image");
    }

    [Test]
    public void Large_maps_take_several_groups_of_tiles_and_blocks_of_positions() => Same(
        EveryKind,
        false, ["WinogradWeightGradient", "MaxPoolGradient", "DepthwiseGradient", "PointwiseWeightGradient"], tolerance: 1e-4f, height: 61, width: 58);

    [Test]
    public void Bits_do_not_depend_on_the_threads()
    {
        var compiled = Compile((graph, x) => EveryKind(graph, graph.Add("Relu", [x], "relu")), false, 61, 58);
        var (one, three) = (Step(compiled, GradientForm.Custom, 1), Step(compiled, GradientForm.Custom, 3));
        Assert.That(three.Gradients.Values.SelectMany(values => values), Is.EqualTo(one.Gradients.Values.SelectMany(values => values)));
    }

    private static string Activated(GraphBuilder graph, string activation, string map) => graph.Add(
        activation, activation == "Relu" ? [map] : [map, graph.Constant("low", [-0.3f]), graph.Constant("high", [0.4f])], "activated");

    private static string Normalised(GraphBuilder graph, string map) => graph.Add(
        "BatchNormalization", [map, graph.Constant("scale", [1f, -0.5f, 2], 3), graph.Constant("bias", [0f, 0.1f, -0.2f], 3), graph.Constant("mean", [0.1f, 0, 0.2f], 3),
        graph.Constant("variance", [0.5f, 1, 2], 3)], "normalised", ("epsilon", 1e-3f));

    private static string Convolved(GraphBuilder graph, string x, string kind, bool intercept)
    {
        var (group, side, stride) = kind switch { "depthwise" => (Channels, 3, 1), "pointwise" => (1, 1, 1), _ => (1, 3, 2) };
        string[] inputs = [x, graph.Constant("deep", Noise.Of(Channels * Channels / group * side * side, 5), Channels, Channels / group, side, side), .. intercept ? (string[])[graph.Constant("shift", [0.1f, 0.2f, -0.3f], 3)] : []];
        return graph.Add("Conv", inputs, "convolved", ("group", (long)group), ("strides", (long[])[stride, stride]));
    }

    // Convolutions of each kind that has operators here, and a pooling.
    private static string EveryKind(GraphBuilder graph, string x)
    {
        var wide = graph.Add("Conv", [x, graph.Constant("wide", Noise.Of(16 * Channels, 4), 16, Channels, 1, 1)], "widened");
        var square = graph.Add("Conv", [wide, graph.Constant("square", Noise.Of(16 * 16 * 9, 5), 16, 16, 3, 3)], "squared", ("pads", (long[])[1, 1, 1, 1]));
        var pooled = graph.Add("MaxPool", [square], "maximum", ("kernel_shape", (long[])[3, 3]), ("strides", (long[])[2, 2]), ("pads", (long[])[1, 1, 1, 1]));
        string[] deep = [pooled, graph.Constant("deep", Noise.Of(16 * 9, 6), 16, 1, 3, 3)];
        var depthwise = graph.Add("Conv", deep, "depthwise", ("group", 16L), ("strides", (long[])[2, 2]), ("pads", (long[])[1, 1, 1, 1]));
        return graph.Add("Conv", [depthwise, graph.Constant("narrow", Noise.Of(16 * Channels, 7), Channels, 16, 1, 1)], "narrowed");
    }

    private static void Same(Func<GraphBuilder, string, string> layer, params string[] operators) => Same(layer, false, operators);

    private static void Same(
        Func<GraphBuilder, string, string> layer, bool batch, string[] operators, string[]? gone = null, float tolerance = 2e-6f, int height = 11, int width = 10, Func<string, bool>? learned = null)
    {
        var compiled = Compile(layer, batch, height, width, learned);
        var (custom, standard, gpu) = (Step(compiled, GradientForm.Custom, 2), Step(compiled, GradientForm.Standard, 2), Step(compiled, GradientForm.Gpu, 2));
        Assert.Multiple(() =>
        {
            Assert.That(compiled.Program.In(GradientForm.Custom).Gradients.Proto.Graph.Node.Select(node => node.OpType), Is.SupersetOf(operators));
            Assert.That(compiled.Program.In(GradientForm.Custom).Gradients.Proto.Graph.Node.Select(node => node.OpType), Has.None.AnyOf(gone ?? [string.Empty]));
            Assert.That(compiled.Program.Gradients.Proto.Graph.Node.Select(node => node.Domain), Is.All.Empty);
            Assert.That(compiled.Program.In(GradientForm.Gpu).Gradients.Proto.Graph.Node.Select(node => node.Domain), Is.All.Empty);
            Assert.That(custom.Loss, Is.EqualTo(standard.Loss).Within(1e-6 * Math.Max(standard.Loss, 1)));
            foreach (var (name, values) in standard.Gradients)
            {
                var scale = values.Max(value => Math.Max(Math.Abs(value), 1));
                Assert.That(custom.Gradients[name], Is.EqualTo(values).Within(tolerance * scale), name);
                Assert.That(gpu.Gradients[name], Is.EqualTo(values).Within(tolerance * scale), name);
            }

            foreach (var (name, values) in standard.Statistics)
            {
                Assert.That(custom.Statistics[name], Is.EqualTo(values).Within(1e-6f), name);
                Assert.That(gpu.Statistics[name], Is.EqualTo(values).Within(1e-6f), name);
            }
        });
    }

    // A convolution before the layer, so that its input needs a gradient, a product that keeps the layer from being part of it, and a classifier behind it.
    private static CompiledProgram Compile(Func<GraphBuilder, string, string> layer, bool batch, int height = 11, int width = 10, Func<string, bool>? learned = null)
    {
        var graph = GraphBuilder.Empty("case", 17, 8);
        graph.Input("x", DataType.Float, "N", 2, height, width);
        var before = graph.Add("Conv", ["x", graph.Constant("first", Noise.Of(Channels * 2 * 9, 1), Channels, 2, 3, 3)], "before", ("pads", (long[])[1, 1, 1, 1]));
        var apart = graph.Add("Mul", [before, graph.Constant("one", [1f])], "apart");
        var squared = graph.Add("Mul", [layer(graph, apart), graph.Constant("two", [2f])], "doubled");
        var weighted = graph.Add("Mul", [squared, squared], "square");
        var codes = graph.Add("Flatten", [graph.Add("GlobalAveragePool", [weighted], "pooled")], "codes");
        graph.Output(graph.Add("Gemm", [codes, graph.Constant("matrix", Noise.Of(Channels * 4, 2), 4, Channels)], "scores", ("transB", 1L)), DataType.Float, "N", 4);
        return ProgramCompiler.Compile(graph.Build(), "scores", new TensorShape([Dim.Named("N"), Dim.Of(2), Dim.Of(height), Dim.Of(width)]), new ProgramOptions
        {
            BatchStatistics = batch,
            Learned = slot => slot.Name != "one" && learned?.Invoke(slot.Name) != false,
            Loss = (builder, logits, targets, classes) => SoftmaxCrossEntropy.Append(builder, logits, targets, classes, 0),
        });
    }

    private static (float Loss, IReadOnlyDictionary<string, float[]> Gradients, IReadOnlyDictionary<string, float[]> Statistics) Step(CompiledProgram compiled, GradientForm form, int threads)
    {
        using var engine = new GraphEngine(compiled.Program, compiled.Start, new Sgd(), null, threads, form: form);
        var loss = engine.Accumulate(new TrainingBatch(Images, [Noise.Of(Images * compiled.Program.Inputs[0].Count, 3)], [1, 0, 0, 0, 0, 0.5f, 0.5f, 0])).Loss;
        return (loss, engine.Gradients(), engine.State().Statistics);
    }
}
