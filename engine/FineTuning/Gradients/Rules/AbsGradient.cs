namespace OnnxTransfer.FineTuning;

/// <summary>y = |x|: dx = dy sign(x), 0 at 0.</summary>
internal static class AbsGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        node.Give(0, node.Mul(node.Gradient, node.Add("Sign", [node.Input(0)])));
    }
}
