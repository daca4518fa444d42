namespace OnnxTransfer.FineTuning;

/// <summary>y = x where x > 0, else a x: dx = dy where x > 0, else a dy; da = x dy where x is not over 0, summed over the axes that were repeated.</summary>
internal static class PReluGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var positive = node.Add("Greater", [node.Input(0), node.Scalar(0)]);
        if (node.Needs(0))
        {
            node.Give(0, node.Add("Where", [positive, node.Gradient, node.Mul(node.Gradient, node.Input(1))]));
        }

        if (node.Needs(1))
        {
            var below = node.Add("Where", [positive, node.Scalar(0), node.Mul(node.Gradient, node.Input(0))]);
            node.Give(1, Repeated.Sum(node, below, node.Input(1)));
        }
    }
}
