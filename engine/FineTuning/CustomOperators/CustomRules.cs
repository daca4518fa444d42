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
        "Conv" when ConvolutionRules.Has(node, shapes) => ConvolutionRules.Of(node, shapes),
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

    /// <summary>The same of an operator with one output.</summary>
    public static string One(GradientNode node, CustomOperator custom, IReadOnlyList<string> inputs, params (string Name, object Value)[] attributes) =>
        Add(node, custom, inputs, attributes)[0];

    /// <summary>Gives a node's first input, a map, the gradient that a custom operator made.</summary>
    public static void GiveMap(GradientNode node, string gradient)
    {
        if (gradient != node.Gradient)
        {
            DescribeAs(node, gradient, node.Input(0));
        }

        node.Give(0, gradient);
    }

    /// <summary>
    /// Notes that a gradient has the shape of a tensor. The runtime infers no shapes of custom operators, and takes an input's memory for an
    /// output where it knows that both are alike.
    /// </summary>
    public static void DescribeAs(GradientNode node, string gradient, string tensor)
    {
        if (node.Shapes.Shape(tensor) is { } shape)
        {
            node.Graph.Describe(gradient, shape);
        }
    }

    private static void Relu(GradientNode node) => GiveMap(
        node, Activation.IsTaken(node) ? node.Gradient : One(node, ReluMask.Operator, [node.Gradient, node.Output()]));

    private static void Clip(GradientNode node)
    {
        if (node.Needs(1) || node.Needs(2))
        {
            ClipGradient.Rule(node);
            return;
        }

        GiveMap(node, Activation.IsTaken(node) ? node.Gradient : One(node, ClipMask.Operator, [node.Gradient, node.Input(0), node.Output()]));
    }

    private static void MaxPool(GradientNode node)
    {
        var window = Window.Of(node, node.Node.Ints("kernel_shape")!);
        GiveMap(node, One(node, MaxPoolReturn.Operator, [node.Gradient, node.Input(0), node.Output()], PlaneWindow.Attributes(window)));
    }

    /// <summary>Whether a node works on maps with two axes whose sides are known.</summary>
    public static bool Planes(NodeProto node, GraphShapes shapes) =>
        shapes.Shape(node.Input[0]) is { Rank: 4 } map && shapes.Shape(node.Output[0]) is { Rank: 4 } positions
        && map[2].Value is not null && map[3].Value is not null && positions[2].Value is not null && positions[3].Value is not null;
}
