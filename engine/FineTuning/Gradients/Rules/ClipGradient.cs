namespace OnnxTransfer.FineTuning;

/// <summary>y = min(max(x, low), high): dx = dy where low ≤ x ≤ high, which is where y = x; else 0.</summary>
internal static class ClipGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        if (node.Needs(1) || node.Needs(2))
        {
            throw node.Unsupported("has a bound that depends on what is learned");
        }

        var inside = node.Add("Equal", [node.Input(0), node.Output()]);
        node.Give(0, node.Mul(node.Gradient, node.Indicator(inside)));
    }
}
