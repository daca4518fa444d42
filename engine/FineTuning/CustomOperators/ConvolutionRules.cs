using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning;

/// <summary>The kinds of convolutions over two axes that have operators of their own, there and back.</summary>
internal static class ConvolutionRules
{
    /// <summary>The rule of a Conv over maps whose sides are known, or null where it is of no such kind.</summary>
    public static GradientRule? Of(NodeProto node, GraphShapes shapes)
    {
        if (shapes.Shape(node.Input[1]) is not { Rank: 4 } kernel || shapes.Type(node.Input[0]) is not (DataType.Float or DataType.Undefined))
        {
            return null;
        }

        long? filters = kernel[0].Value, channels = kernel[1].Value;
        var (group, sides) = (node.Int("group", 1), (kernel[2].Value, kernel[3].Value));
        var isPlain = (node.Ints("strides") ?? []).Concat(node.Ints("dilations") ?? []).All(static number => number == 1);
        if (group > 1)
        {
            return channels == 1 && filters == group ? Depthwise : null;
        }

        return sides switch
        {
            (1, 1) when isPlain && channels % Transposition.Lanes == 0 => Pointwise,
            (Winograd.Kernel, Winograd.Kernel) when isPlain && filters % TileProduct.Width == 0 && channels % TileProduct.Width == 0 && Narrow(node) => Square,
            _ => null,
        };
    }

    // The padding of the convolution that is the gradient is what a kernel has beyond its own.
    private static bool Narrow(NodeProto node) => (node.Ints("pads") ?? []).All(static pad => pad < Winograd.Kernel);

    private static void Depthwise(GradientNode node)
    {
        var window = Window.Of(node, [node.Extent(node.Input(1), 2), node.Extent(node.Input(1), 3)]);
        var attributes = PlaneWindow.Attributes(window);
        Forward(node, DepthwiseOperators.Forward, [.. attributes, ("sizes", window.Positions)]);
        if (node.Needs(0))
        {
            node.Give(0, CustomRules.One(node, DepthwiseOperators.OfInput, [node.Gradient, node.Input(1)], [.. attributes, ("sizes", window.Sizes)]));
        }

        Weights(node, DepthwiseOperators.OfWeights, attributes);
    }

    private static void Square(GradientNode node)
    {
        var pads = Window.Of(node, [Winograd.Kernel, Winograd.Kernel]).Pads;
        Forward(node, WinogradConv.Forward, ("pads", pads));
        if (node.Needs(0))
        {
            node.Give(0, CustomRules.One(node, WinogradConv.OfInput, [node.Gradient, node.Input(1)], ("pads", (long[])[.. pads.Select(pad => Winograd.Kernel - 1 - pad)])));
        }

        Weights(node, WinogradWeightGradient.Operator, ("pads", pads));
    }

    private static void Pointwise(GradientNode node)
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

        Weights(node, PointwiseWeightGradient.Operator);
    }

    // Kernels that are not learned are left to ONNX Runtime, which may lay them out as it likes.
    private static void Forward(GradientNode node, CustomOperator custom, params (string Name, object Value)[] attributes)
    {
        if (node.Needs(1))
        {
            node.Graph.Import(CustomDomain.Id, CustomDomain.Version);
            node.Graph.Become(node.Output(), CustomDomain.Id, custom.Name, attributes);
        }
    }

    private static void Weights(GradientNode node, CustomOperator custom, params (string Name, object Value)[] attributes)
    {
        if (node.Needs(1))
        {
            node.Give(1, CustomRules.One(node, custom, [node.Gradient, node.Input(0)], attributes));
        }

        if (node.Needs(2))
        {
            node.Give(2, PerChannel.Sum(node, node.Gradient, 4));
        }
    }
}
