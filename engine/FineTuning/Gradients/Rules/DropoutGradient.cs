namespace OnnxTransfer.FineTuning;

/// <summary>In training mode, y = x m / (1 - r) with the node's own mask m: dx = dy m / (1 - r). Otherwise y = x, dx = dy.</summary>
internal static class DropoutGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        if (node.Has(2) && node.ConstantLongs(2) is null)
        {
            throw node.Unsupported("has a training mode that is computed");
        }

        if (node.ConstantLongs(2) is not [not 0])
        {
            node.Give(0, node.Gradient);
            return;
        }

        var ratio = node.Has(1) ? node.Input(1) : node.Scalar(0.5f);
        var mask = node.Graph.Output(node.Output(), 1, $"gradient/{node.Output()}/mask");
        node.Give(0, node.Mul(node.Mul(node.Gradient, node.Indicator(mask)), node.Add("Reciprocal", [node.Add("Sub", [node.Scalar(1), ratio])])));
    }
}
