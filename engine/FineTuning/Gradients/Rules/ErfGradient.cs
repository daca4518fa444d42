namespace OnnxTransfer.FineTuning;

/// <summary>y = erf x: dx = dy 2/√π exp(-x²).</summary>
internal static class ErfGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var bell = node.Add("Exp", [node.Add("Neg", [node.Mul(node.Input(0), node.Input(0))])]);
        node.Give(0, node.Mul(node.Gradient, node.Mul(bell, node.Scalar((float)(2 / Math.Sqrt(Math.PI))))));
    }
}
