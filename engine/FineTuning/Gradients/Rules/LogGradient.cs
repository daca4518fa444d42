namespace OnnxTransfer.FineTuning;

/// <summary>y = log x: dx = dy / x.</summary>
internal static class LogGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        node.Give(0, node.Add("Div", [node.Gradient, node.Input(0)]));
    }
}
