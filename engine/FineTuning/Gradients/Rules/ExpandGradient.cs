namespace OnnxTransfer.FineTuning;

/// <summary>y is x repeated: dx is dy summed over the axes that were repeated.</summary>
internal static class ExpandGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        node.Give(0, Repeated.Sum(node, node.Gradient, node.Input(0)));
    }
}
