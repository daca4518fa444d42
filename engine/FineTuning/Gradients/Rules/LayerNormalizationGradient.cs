using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// y = s x' + b, x' being x standardised over the axes from one on: db = dy and ds = dy x', each summed over the axes that were
/// repeated, and the gradient of x' is dy s.
/// </summary>
internal static class LayerNormalizationGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var shape = node.Shape(node.Input(0));
        var from = GradientNode.Axis(node.Node.Int("axis", -1), shape.Rank);
        long[] axes = [.. Enumerable.Range(from, shape.Rank - from)];
        var count = axes.Aggregate(1L, (product, axis) => product * node.Extent(node.Input(0), (int)axis));
        var rate = node.Graph.Output(node.Output(), 2, $"gradient/{node.Output()}/rate");
        var mean = node.Graph.Output(node.Output(), 1, $"gradient/{node.Output()}/mean");
        var standardised = new Standardised(node.Mul(node.Add("Sub", [node.Input(0), mean]), rate), rate, axes, count);
        if (node.Needs(0))
        {
            node.Give(0, standardised.Gradient(node, node.Mul(node.Gradient, node.Input(1))));
        }

        if (node.Needs(1))
        {
            node.Give(1, Repeated.Sum(node, node.Mul(node.Gradient, standardised.Values), node.Input(1)));
        }

        if (node.Needs(2))
        {
            node.Give(2, Repeated.Sum(node, node.Gradient, node.Input(2)));
        }
    }
}
