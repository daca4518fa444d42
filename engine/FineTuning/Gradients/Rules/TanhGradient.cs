namespace OnnxTransfer.FineTuning;

/// <summary>y = tanh x: dx = dy (1 - y²).</summary>
internal static class TanhGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var square = node.Mul(node.Output(), node.Output());
        node.Give(0, node.Mul(node.Gradient, node.Add("Sub", [node.Scalar(1), square])));
    }
}
