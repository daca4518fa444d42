namespace OnnxTransfer.FineTuning;

/// <summary>y = a where c, else b: da = dy where c, else 0; db = 0 where c, else dy; each summed over the axes that were repeated.</summary>
internal static class WhereGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        if (node.Needs(1))
        {
            node.Give(1, Repeated.Sum(node, node.Mul(node.Gradient, node.Indicator(node.Input(0))), node.Input(1)));
        }

        if (node.Needs(2))
        {
            node.Give(2, Repeated.Sum(node, node.Mul(node.Gradient, node.Indicator(node.Add("Not", [node.Input(0)]))), node.Input(2)));
        }
    }
}
