namespace OnnxTransfer.FineTuning;

/// <summary>y = x where x > 0, else a x: dx = dy where x > 0, else a dy; da = x dy where x is not over 0, summed over the axes that were repeated.</summary>
internal static class PReluGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        if (node.Needs(0))
        {
            var rise = node.Mul(node.Over(node.Input(0), 0), node.Add("Sub", [node.Scalar(1), node.Input(1)]));
            node.Give(0, node.Mul(node.Gradient, node.Add("Add", [rise, node.Input(1)])));
        }

        if (node.Needs(1))
        {
            var below = node.Add("Min", [node.Input(0), node.Scalar(0)]);
            node.Give(1, Repeated.Sum(node, node.Mul(node.Gradient, below), node.Input(1)));
        }
    }
}
