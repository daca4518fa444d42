namespace OnnxTransfer.FineTuning;

/// <summary>y = √x: dx = dy / (2 y).</summary>
internal static class SqrtGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        node.Give(0, node.Add("Div", [node.Mul(node.Gradient, node.Scalar(0.5f)), node.Output()]));
    }
}
