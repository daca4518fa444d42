namespace OnnxTransfer.FineTuning;

/// <summary>y = 1 / (1 + exp(-x)): dx = dy y (1 - y).</summary>
internal static class SigmoidGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        node.Give(0, node.Mul(node.Mul(node.Gradient, node.Output()), node.Add("Sub", [node.Scalar(1), node.Output()])));
    }
}
