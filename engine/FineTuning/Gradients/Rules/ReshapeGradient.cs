namespace OnnxTransfer.FineTuning;

/// <summary>Reshape, Flatten, Squeeze, Unsqueeze: the same elements in another shape, and so dx is dy in the shape of x.</summary>
internal static class ReshapeGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        node.Give(0, node.ReshapeAs(node.Gradient, node.Input(0)));
    }
}
