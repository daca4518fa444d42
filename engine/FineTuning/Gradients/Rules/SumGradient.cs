namespace OnnxTransfer.FineTuning;

/// <summary>y = a + b + ...: the gradient of each is dy, summed over the axes that were repeated.</summary>
internal static class SumGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        foreach (var input in Enumerable.Range(0, node.Inputs).Where(node.Needs))
        {
            node.Give(input, Repeated.Sum(node, node.Gradient, node.Input(input)));
        }
    }
}
