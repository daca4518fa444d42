using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// y = x q^-b with q = k + a/n times the sum of x² over n neighbouring channels: dx = dy q^-b - 2 a b x times the mean of
/// dy x q^(-b-1) over the n channels whose neighbourhood has this one (Krizhevsky et al. 2012). Means over channels are poolings.
/// </summary>
internal static class LRNGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var (size, alpha, beta) = (node.Node.Int("size", 1), node.Node.Float("alpha", 1e-4f), node.Node.Float("beta", 0.75f));
        var x = node.Input(0);
        var mean = Mean(node, node.Mul(x, x), size, (size - 1) / 2);
        var sum = node.Add("Add", [node.Mul(mean, node.Scalar(alpha)), node.Scalar(node.Node.Float("bias", 1))]);
        var direct = node.Mul(node.Gradient, node.Add("Pow", [sum, node.Scalar(-beta)]));
        var through = Mean(node, node.Add("Div", [node.Mul(direct, x), sum]), size, size - 1 - ((size - 1) / 2));
        node.Give(0, node.Add("Sub", [direct, node.Mul(node.Mul(x, node.Scalar(2 * alpha * beta)), through)]));
    }

    // Each image is a map of one channel, of channels by positions.
    private static string Mean(GradientNode node, string tensor, long size, long before)
    {
        var channels = node.Extent(node.Input(0), 1);
        var map = node.Add("Reshape", [tensor, node.Longs(-1, 1, channels, Positions(node))]);
        var mean = node.Add(
            "AveragePool", [map], ("kernel_shape", (long[])[size, 1]), ("pads", (long[])[before, 0, size - 1 - before, 0]), ("count_include_pad", 1L));
        return node.ReshapeAs(mean, node.Input(0));
    }

    private static long Positions(GradientNode node) => Enumerable.Range(2, node.Shape(node.Input(0)).Rank - 2)
        .Aggregate(1L, (product, axis) => product * node.Extent(node.Input(0), axis));
}
