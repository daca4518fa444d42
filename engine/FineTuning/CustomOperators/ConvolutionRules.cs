using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning;

/// <summary>The kinds of convolutions over two axes that have operators of their own, there and back.</summary>
internal static class ConvolutionRules
{
    /// <summary>Whether a node is a float32 Conv over maps whose sides are known: the rules here are for these.</summary>
    public static bool Has(NodeProto node, GraphShapes shapes) => node is { OpType: "Conv", Domain: "" or "ai.onnx" } && CustomRules.Planes(node, shapes)
        && shapes.Shape(node.Input[1]) is { Rank: 4 } && shapes.Type(node.Input[0]) is DataType.Float or DataType.Undefined;

    /// <summary>Whether it is one that <see cref="Winograd"/> computes.</summary>
    public static bool IsSquare(NodeProto node, GraphShapes shapes) => Of(node, shapes) == Square;

    /// <summary>The rule of a node that <see cref="Has"/> knows.</summary>
    public static GradientRule Of(NodeProto node, GraphShapes shapes)
    {
        var kernel = shapes.Shape(node.Input[1])!;
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
        var activation = Activation.Behind(node.Output(), node.Shapes.Graph);
        (string Name, object Value)[] bounds = [("low", activation?.Low ?? float.NegativeInfinity), ("high", activation?.High ?? float.PositiveInfinity)];
        if (IsLearned(node))
        {
            node.Graph.Become(node.Output(), CustomDomain.Id, DepthwiseOperators.Forward.Name, [.. attributes, ("sizes", window.Positions), .. bounds]);
            if (activation is not null)
            {
                node.Graph.Absorb(node.Output(), activation.Output);
            }
        }

        if (node.Needs(0) && node.Needs(1))
        {
            string[] inputs = [node.Gradient, node.Input(0), node.Input(1), .. activation is null ? Array.Empty<string>() : [activation.Output]];
            var found = CustomRules.Add(node, DepthwiseReturn.Operator, inputs, [.. attributes, ("sizes", window.Sizes), .. bounds]);
            CustomRules.GiveMap(node, found[0]);
            node.Give(1, found[1]);
            if (node.Needs(2))
            {
                node.Give(2, found[2]);
            }

            return;
        }

        var dy = GiveWeights(node, Arrived.At(node), dy => CustomRules.One(node, DepthwiseOperators.OfWeights, [dy, node.Input(0)], attributes));
        if (node.Needs(0))
        {
            CustomRules.GiveMap(node, CustomRules.One(node, DepthwiseOperators.OfInput, [dy, node.Input(1)], [.. attributes, ("sizes", window.Sizes)]));
        }
    }

    private static void Square(GradientNode node)
    {
        var pads = WindowOf(node).Pads;
        if (IsLearned(node))
        {
            node.Graph.Become(node.Output(), CustomDomain.Id, WinogradConv.Forward.Name, ("pads", pads));
        }

        var dy = GiveWeights(node, Arrived.At(node), dy => CustomRules.One(node, WinogradWeightGradient.Operator, [dy, node.Input(0)], ("pads", pads)));
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

        WeightsThenMap(node, dy => CustomRules.One(node, PointwiseWeightGradient.Operator, [dy, node.Input(0)]));
    }

    private static void General(GradientNode node) => WeightsThenMap(node, dy => ConvGradient.OfWeights(node, WindowOf(node), dy));

    private static void WeightsThenMap(GradientNode node, Func<string, string> ofWeights)
    {
        var dy = GiveWeights(node, Arrived.At(node), ofWeights);
        if (node.Needs(0))
        {
            node.Give(0, ConvGradient.OfInput(node, WindowOf(node), dy));
        }
    }

    private static Window WindowOf(GradientNode node) => Window.Of(node, [node.Extent(node.Input(1), 2), node.Extent(node.Input(1), 3)]);

    // Kernels that are not learned are left to ONNX Runtime, which may lay them out as it likes.
    private static bool IsLearned(GradientNode node) => node.Needs(1);

    // Gives kernel and intercept their gradients, and returns dy as it is after them.
    private static string GiveWeights(GradientNode node, Arrived arrived, Func<string, string> ofWeights)
    {
        var made = new List<string>();
        if (node.Needs(1))
        {
            made.Add(ofWeights(arrived.Gradient));
            node.Give(1, made[^1]);
        }

        if (node.Needs(2))
        {
            made.Add(arrived.Sum ?? PerChannel.Sum(node, arrived.Gradient, 4));
            node.Give(2, made[^1]);
        }

        if (made.Count == 0)
        {
            return arrived.Gradient;
        }

        var after = CustomRules.One(node, After.Operator, [arrived.Gradient, .. made]);
        CustomRules.DescribeAs(node, after, node.Output());
        return after;
    }

    /// <summary>The gradient of what a convolution makes, and its sum over images and positions where that came with it.</summary>
    private sealed record Arrived(string Gradient, string? Sum)
    {
        /// <summary>It is that of the activation behind the convolution, if there is one, cut off where the activation was.</summary>
        public static Arrived At(GradientNode node)
        {
            if (Activation.Behind(node.Output(), node.Shapes.Graph) is not { } activation)
            {
                return new(node.Gradient, null);
            }

            var found = CustomRules.Add(node, ActivationReturn.Operator, [node.Gradient, activation.Output], ("low", activation.Low), ("high", activation.High));
            CustomRules.DescribeAs(node, found[0], node.Output());
            return new(found[0], found[1]);
        }
    }
}
