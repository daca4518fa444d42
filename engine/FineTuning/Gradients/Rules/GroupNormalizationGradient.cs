using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// y = s x' + b, x' being x standardised over the channels and positions of each group, s and b for each channel (from opset 21 on):
/// db = sum dy, ds = sum dy x' over images and positions, and the gradient of x' is dy s.
/// </summary>
internal static class GroupNormalizationGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var shape = node.Shape(node.Input(0));
        var (groups, channels) = (node.Node.Int("num_groups", 1), node.Extent(node.Input(0), 1));
        if (node.Extent(node.Input(1), 0) != channels)
        {
            throw node.Unsupported("has one scale for each group, the form before opset 21");
        }

        var count = Enumerable.Range(2, shape.Rank - 2).Aggregate(channels / groups, (product, axis) => product * node.Extent(node.Input(0), axis));
        var grouped = node.Longs(0, groups, -1);
        var standardised = Standardised.Of(node, node.Add("Reshape", [node.Input(0), grouped]), [2], count, node.Node.Float("epsilon", 1e-5f));
        if (node.Needs(0))
        {
            var scaled = node.Mul(node.Gradient, PerChannel.Along(node, node.Input(1), shape.Rank));
            node.Give(0, node.ReshapeAs(standardised.Gradient(node, node.Add("Reshape", [scaled, grouped])), node.Input(0)));
        }

        if (node.Needs(1))
        {
            node.Give(1, PerChannel.Sum(node, node.Mul(node.Gradient, node.ReshapeAs(standardised.Values, node.Input(0))), shape.Rank));
        }

        if (node.Needs(2))
        {
            node.Give(2, PerChannel.Sum(node, node.Gradient, shape.Rank));
        }
    }
}
