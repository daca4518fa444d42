namespace OnnxTransfer.FineTuning;

/// <summary>y = log(1 + exp x): dx = dy / (1 + exp(-x)).</summary>
internal static class SoftplusGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        node.Give(0, node.Mul(node.Gradient, node.Add("Sigmoid", [node.Input(0)])));
    }
}
