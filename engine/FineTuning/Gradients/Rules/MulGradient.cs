namespace OnnxTransfer.FineTuning;

/// <summary>y = a b: da = dy b, db = dy a, each summed over the axes that were repeated.</summary>
internal static class MulGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        foreach (var input in Enumerable.Range(0, 2).Where(node.Needs))
        {
            node.Give(input, Repeated.Sum(node, node.Mul(node.Gradient, node.Input(1 - input)), node.Input(input)));
        }
    }
}
