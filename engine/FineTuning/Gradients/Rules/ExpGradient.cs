namespace OnnxTransfer.FineTuning;

/// <summary>y = exp x: dx = dy y.</summary>
internal static class ExpGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        node.Give(0, node.Mul(node.Gradient, node.Output()));
    }
}
