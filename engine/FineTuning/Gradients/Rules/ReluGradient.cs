namespace OnnxTransfer.FineTuning;

/// <summary>y = max(x, 0): dx = dy where y > 0, else 0 (at 0 the gradient is 0, as PyTorch has it).</summary>
internal static class ReluGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var positive = node.Add("Greater", [node.Output(), node.Scalar(0)]);
        node.Give(0, node.Add("Where", [positive, node.Gradient, node.Scalar(0)]));
    }
}
