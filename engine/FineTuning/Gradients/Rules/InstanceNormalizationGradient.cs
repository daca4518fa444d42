using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// y = s x' + b for each channel, x' being each map of x standardised: db = sum dy, ds = sum dy x' over images and positions, and the
/// gradient of x' is dy s.
/// </summary>
internal static class InstanceNormalizationGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var rank = node.Shape(node.Input(0)).Rank;
        long[] axes = [.. Enumerable.Range(2, rank - 2)];
        var count = axes.Aggregate(1L, (product, axis) => product * node.Extent(node.Input(0), (int)axis));
        var standardised = Standardised.Of(node, node.Input(0), axes, count, node.Node.Float("epsilon", 1e-5f));
        if (node.Needs(0))
        {
            node.Give(0, standardised.Gradient(node, node.Mul(node.Gradient, PerChannel.Along(node, node.Input(1), rank))));
        }

        if (node.Needs(1))
        {
            node.Give(1, PerChannel.Sum(node, node.Mul(node.Gradient, standardised.Values), rank));
        }

        if (node.Needs(2))
        {
            node.Give(2, PerChannel.Sum(node, node.Gradient, rank));
        }
    }
}
