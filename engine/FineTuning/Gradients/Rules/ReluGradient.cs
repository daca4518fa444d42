namespace OnnxTransfer.FineTuning;

/// <summary>y = max(x, 0): dx = dy where y > 0, else 0 (at 0 the gradient is 0, as PyTorch has it).</summary>
internal static class ReluGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        node.Give(0, node.Mul(node.Gradient, node.Over(node.Output(), 0)));
    }
}
