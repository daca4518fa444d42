namespace OnnxTransfer.FineTuning;

/// <summary>y = 1 / x: dx = -dy y².</summary>
internal static class ReciprocalGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        node.Give(0, node.Add("Neg", [node.Mul(node.Mul(node.Gradient, node.Output()), node.Output())]));
    }
}
