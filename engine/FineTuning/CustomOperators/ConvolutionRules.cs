using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning;

/// <summary>The kinds of convolutions over two axes that have operators of their own, there and back.</summary>
internal static class ConvolutionRules
{
    /// <summary>The rule of a Conv over maps whose sides are known.</summary>
    public static GradientRule Of(NodeProto node, GraphShapes shapes)
    {
        if (shapes.Shape(node.Input[1]) is not { Rank: 4 } kernel || shapes.Type(node.Input[0]) is not (DataType.Float or DataType.Undefined))
        {
            return ConvGradient.Rule;
        }

        long? filters = kernel[0].Value, channels = kernel[1].Value;
        var (group, sides) = (node.Int("group", 1), (kernel[2].Value, kernel[3].Value));
        var isPlain = (node.Ints("strides") ?? []).Concat(node.Ints("dilations") ?? []).All(static number => number == 1);
        if (group > 1)
        {
            return channels == 1 && filters == group ? Depthwise : General;
        }

        return sides switch
        {
            (1, 1) when isPlain && channels % Transposition.Lanes == 0 => Pointwise,
            (Winograd.Kernel, Winograd.Kernel) when isPlain && filters % TileProduct.Width == 0 && channels % TileProduct.Width == 0 && Narrow(node) => Square,
            _ => General,
        };
    }

    // The padding of the convolution that is the gradient is what a kernel has beyond its own.
    private static bool Narrow(NodeProto node) => (node.Ints("pads") ?? []).All(static pad => pad < Winograd.Kernel);

    private static void Depthwise(GradientNode node)
    {
        var window = WindowOf(node);
        var attributes = PlaneWindow.Attributes(window);
        Forward(node, DepthwiseOperators.Forward, [.. attributes, ("sizes", window.Positions)]);
        var dy = GiveWeights(node, () => CustomRules.One(node, DepthwiseOperators.OfWeights, [node.Gradient, node.Input(0)], attributes));
        if (node.Needs(0))
        {
            CustomRules.GiveMap(node, CustomRules.One(node, DepthwiseOperators.OfInput, [dy, node.Input(1)], [.. attributes, ("sizes", window.Sizes)]));
        }
    }

    private static void Square(GradientNode node)
    {
        var pads = WindowOf(node).Pads;
        Forward(node, WinogradConv.Forward, ("pads", pads));
        var dy = GiveWeights(node, () => CustomRules.One(node, WinogradWeightGradient.Operator, [node.Gradient, node.Input(0)], ("pads", pads)));
        if (node.Needs(0))
        {
            CustomRules.GiveMap(node, CustomRules.One(node, WinogradConv.OfInput, [dy, node.Input(1)], ("pads", (long[])[.. pads.Select(pad => Winograd.Kernel - 1 - pad)])));
        }
    }

    private static void Pointwise(GradientNode node)
    {
        if (!WindowOf(node).IsPoint)
        {
            General(node);
            return;
        }

        WeightsThenMap(node, () => CustomRules.One(node, PointwiseWeightGradient.Operator, [node.Gradient, node.Input(0)]));
    }

    private static void General(GradientNode node) => WeightsThenMap(node, () => ConvGradient.OfWeights(node, WindowOf(node)));

    private static void WeightsThenMap(GradientNode node, Func<string> ofWeights)
    {
        var dy = GiveWeights(node, ofWeights);
        if (node.Needs(0))
        {
            node.Give(0, ConvGradient.OfInput(node, WindowOf(node), dy));
        }
    }

    private static Window WindowOf(GradientNode node) => Window.Of(node, [node.Extent(node.Input(1), 2), node.Extent(node.Input(1), 3)]);

    // Kernels that are not learned are left to ONNX Runtime, which may lay them out as it likes.
    private static void Forward(GradientNode node, CustomOperator custom, params (string Name, object Value)[] attributes)
    {
        if (node.Needs(1))
        {
            node.Graph.Import(CustomDomain.Id, CustomDomain.Version);
            node.Graph.Become(node.Output(), CustomDomain.Id, custom.Name, attributes);
        }
    }

    // Gives kernel and intercept their gradients, and returns dy as it is after them.
    private static string GiveWeights(GradientNode node, Func<string> ofWeights)
    {
        var made = new List<string>();
        if (node.Needs(1))
        {
            made.Add(ofWeights());
            node.Give(1, made[^1]);
        }

        if (node.Needs(2))
        {
            made.Add(PerChannel.Sum(node, node.Gradient, 4));
            node.Give(2, made[^1]);
        }

        if (made.Count == 0)
        {
            return node.Gradient;
        }

        var after = CustomRules.One(node, After.Operator, [node.Gradient, .. made]);
        CustomRules.DescribeAs(node, after, node.Output());
        return after;
    }
}
