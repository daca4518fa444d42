namespace OnnxTransfer.FineTuning;

/// <summary>y = a - b: da = dy, db = -dy, each summed over the axes that were repeated.</summary>
internal static class SubGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        if (node.Needs(0))
        {
            node.Give(0, Repeated.Sum(node, node.Gradient, node.Input(0)));
        }

        if (node.Needs(1))
        {
            node.Give(1, node.Add("Neg", [Repeated.Sum(node, node.Gradient, node.Input(1))]));
        }
    }
}
