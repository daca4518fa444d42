namespace OnnxTransfer.FineTuning;

/// <summary>y = x in another floating-point type: dx = dy in that of x. Whole numbers pass no gradient on.</summary>
internal static class CastGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var type = node.Type(node.Input(0));
        node.Give(0, node.Add("Cast", [node.Gradient], ("to", (long)type)));
    }
}
