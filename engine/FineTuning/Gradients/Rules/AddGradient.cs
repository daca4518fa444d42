namespace OnnxTransfer.FineTuning;

/// <summary>y = a + b: da = dy, db = dy, each summed over the axes that were repeated.</summary>
internal static class AddGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        foreach (var input in Enumerable.Range(0, 2).Where(node.Needs))
        {
            node.Give(input, Repeated.Sum(node, node.Gradient, node.Input(input)));
        }
    }
}
