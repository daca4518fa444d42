namespace OnnxTransfer.FineTuning;

/// <summary>y = -x: dx = -dy.</summary>
internal static class NegGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        node.Give(0, node.Add("Neg", [node.Gradient]));
    }
}
