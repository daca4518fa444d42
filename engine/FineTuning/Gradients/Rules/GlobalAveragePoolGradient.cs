namespace OnnxTransfer.FineTuning;

/// <summary>y is the mean of each map: dx is dy divided by the number of its positions, repeated.</summary>
internal static class GlobalAveragePoolGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        int[] axes = [.. Enumerable.Range(2, node.Shape(node.Input(0)).Rank - 2)];
        var positions = axes.Aggregate(1L, (product, axis) => product * node.Extent(node.Input(0), axis));
        node.Give(0, node.Repeat(node.Mul(node.Gradient, node.Scalar(1f / positions)), node.Input(0), axes));
    }
}
