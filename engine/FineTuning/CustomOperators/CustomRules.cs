using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// Gradient rules in the operators of <see cref="OperatorTable"/>, for Differentiation's special rules. What they do not know is left to <see cref="GradientRules"/>.
/// </summary>
internal static class CustomRules
{
    /// <summary>The rules of a graph's nodes, by their first output.</summary>
    public static Dictionary<string, GradientRule> Of(GraphShapes shapes) =>
        shapes.Graph.Nodes.Where(node => Rule(node, shapes) is not null).ToDictionary(node => node.Output[0], node => Rule(node, shapes)!, StringComparer.Ordinal);

    private static GradientRule? Rule(NodeProto node, GraphShapes shapes) => node.Domain is not ("" or "ai.onnx") ? null : node.OpType switch
    {
        "Relu" => Relu,
        "Clip" => Clip,
        "MaxPool" when Planes(node, shapes) && node.Int("storage_order", 0) == 0 => MaxPool,
        "Conv" when Depthwise(node, shapes) => DepthwiseConv,
        "Conv" when Square(node, shapes) => SquareConv,
        "Conv" when Pointwise(node, shapes) => PointwiseConv,
        "BatchNormalization" when node.Int("training_mode", 0) == 0 => NormalisationRules.BatchNormalization,
        _ => null,
    };

    /// <summary>Appends a node of a custom operator and returns its outputs.</summary>
    public static IReadOnlyList<string> Add(GradientNode node, CustomOperator custom, IReadOnlyList<string> inputs, params (string Name, object Value)[] attributes)
    {
        node.Graph.Import(CustomDomain.Id, CustomDomain.Version);
        string[] outputs = [.. Enumerable.Range(0, custom.Outputs).Select(output => $"gradient/{node.Output()}/{custom.Name}/{output}")];
        return node.Graph.Add(CustomDomain.Id, custom.Name, inputs, outputs, attributes);
    }

    private static string One(GradientNode node, CustomOperator custom, IReadOnlyList<string> inputs, params (string Name, object Value)[] attributes) =>
        Add(node, custom, inputs, attributes)[0];

    private static void Relu(GradientNode node) => node.Give(
        0, NormalisationRules.IsMasked(node) ? node.Gradient : One(node, ReluMask.Operator, [node.Gradient, node.Output()]));

    private static void Clip(GradientNode node)
    {
        if (node.Needs(1) || node.Needs(2))
        {
            ClipGradient.Rule(node);
            return;
        }

        node.Give(0, NormalisationRules.IsMasked(node) ? node.Gradient : One(node, ClipMask.Operator, [node.Gradient, node.Input(0), node.Output()]));
    }

    private static void MaxPool(GradientNode node)
    {
        var window = Window.Of(node, node.Node.Ints("kernel_shape")!);
        node.Give(0, One(node, MaxPoolReturn.Operator, [node.Gradient, node.Input(0), node.Output()], PlaneWindow.Attributes(window)));
    }

    private static void DepthwiseConv(GradientNode node)
    {
        var window = Window.Of(node, [node.Extent(node.Input(1), 2), node.Extent(node.Input(1), 3)]);
        var attributes = PlaneWindow.Attributes(window);
        if (node.Needs(1))
        {
            node.Graph.Import(CustomDomain.Id, CustomDomain.Version);
            node.Graph.Become(node.Output(), CustomDomain.Id, DepthwiseOperators.Forward.Name, [.. attributes, ("sizes", window.Positions)]);
        }

        if (node.Needs(0))
        {
            node.Give(0, One(node, DepthwiseOperators.OfInput, [node.Gradient, node.Input(1)], [.. attributes, ("sizes", window.Sizes)]));
        }

        if (node.Needs(1))
        {
            node.Give(1, One(node, DepthwiseOperators.OfWeights, [node.Gradient, node.Input(0)], attributes));
        }

        if (node.Needs(2))
        {
            node.Give(2, PerChannel.Sum(node, node.Gradient, 4));
        }
    }

    private static void PointwiseConv(GradientNode node)
    {
        var window = Window.Of(node, [1, 1]);
        if (!window.IsPoint)
        {
            ConvGradient.Rule(node);
            return;
        }

        if (node.Needs(0))
        {
            node.Give(0, ConvGradient.OfInput(node, window));
        }

        if (node.Needs(1))
        {
            node.Give(1, One(node, PointwiseWeightGradient.Operator, [node.Gradient, node.Input(0)]));
        }

        if (node.Needs(2))
        {
            node.Give(2, PerChannel.Sum(node, node.Gradient, 4));
        }
    }

    private static void SquareConv(GradientNode node)
    {
        var window = Window.Of(node, [Winograd.Kernel, Winograd.Kernel]);
        if (node.Needs(1))
        {
            node.Graph.Import(CustomDomain.Id, CustomDomain.Version);
            node.Graph.Become(node.Output(), CustomDomain.Id, WinogradConv.Forward.Name, ("pads", window.Pads));
        }

        if (node.Needs(0))
        {
            node.Give(0, One(node, WinogradConv.OfInput, [node.Gradient, node.Input(1)], ("pads", (long[])[.. window.Pads.Select(pad => Winograd.Kernel - 1 - pad)])));
        }

        if (node.Needs(1))
        {
            node.Give(1, One(node, WinogradWeightGradient.Operator, [node.Gradient, node.Input(0)], ("pads", window.Pads)));
        }

        if (node.Needs(2))
        {
            node.Give(2, PerChannel.Sum(node, node.Gradient, 4));
        }
    }

    private static bool Planes(NodeProto node, GraphShapes shapes) =>
        shapes.Shape(node.Input[0]) is { Rank: 4 } map && shapes.Shape(node.Output[0]) is { Rank: 4 } positions
        && map[2].Value is not null && map[3].Value is not null && positions[2].Value is not null && positions[3].Value is not null;

    // A kernel for each channel, and one channel made of it.
    private static bool Depthwise(NodeProto node, GraphShapes shapes) =>
        node.OpType == "Conv" && node.Domain is "" or "ai.onnx" && node.Int("group", 1) > 1 && Planes(node, shapes)
        && shapes.Shape(node.Input[1]) is { Rank: 4 } kernel && kernel[1].Value == 1 && kernel[0].Value == node.Int("group", 1)
        && IsFloat(node, shapes);

    // Kernels of one element over blocks of channels.
    private static bool Pointwise(NodeProto node, GraphShapes shapes) =>
        node.Int("group", 1) == 1 && Planes(node, shapes) && shapes.Shape(node.Input[1]) is { Rank: 4 } kernel
        && kernel[1].Value % Transposition.Lanes == 0 && kernel[2].Value == 1 && kernel[3].Value == 1 && IsFloat(node, shapes);

    // Kernels of 3 x 3 with strides of 1 over blocks of channels, and no padding wider than a gradient's can be.
    private static bool Square(NodeProto node, GraphShapes shapes) =>
        node.Int("group", 1) == 1 && Planes(node, shapes)
        && shapes.Shape(node.Input[1]) is { Rank: 4 } kernel && kernel[2].Value == Winograd.Kernel && kernel[3].Value == Winograd.Kernel
        && kernel[0].Value % TileProduct.Width == 0 && kernel[1].Value % TileProduct.Width == 0
        && (node.Ints("strides") ?? []).Concat(node.Ints("dilations") ?? []).All(static number => number == 1)
        && (node.Ints("pads") ?? []).All(static pad => pad < Winograd.Kernel)
        && IsFloat(node, shapes);

    private static bool IsFloat(NodeProto node, GraphShapes shapes) =>
        shapes.Type(node.Input[0]) is TensorProto.Types.DataType.Float or TensorProto.Types.DataType.Undefined;
}
