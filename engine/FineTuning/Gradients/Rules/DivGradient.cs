namespace OnnxTransfer.FineTuning;

/// <summary>y = a / b: da = dy / b, db = -y dy / b, each summed over the axes that were repeated.</summary>
internal static class DivGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var quotient = node.Add("Div", [node.Gradient, node.Input(1)]);
        if (node.Needs(0))
        {
            node.Give(0, Repeated.Sum(node, quotient, node.Input(0)));
        }

        if (node.Needs(1))
        {
            node.Give(1, node.Add("Neg", [Repeated.Sum(node, node.Mul(quotient, node.Output()), node.Input(1))]));
        }
    }
}
