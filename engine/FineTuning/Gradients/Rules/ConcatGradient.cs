using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>y is a, b, ... one after the other along an axis: each gets its part of dy.</summary>
internal static class ConcatGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var axis = GradientNode.Axis(node.Node.Int("axis", 0), node.Shape(node.Output()).Rank);
        var sizes = node.Longs([.. Enumerable.Range(0, node.Inputs).Select(input => node.Extent(node.Input(input), axis))]);
        var parts = node.Add("Split", [node.Gradient, sizes], node.Inputs, ("axis", (long)axis));
        foreach (var input in Enumerable.Range(0, node.Inputs).Where(node.Needs))
        {
            node.Give(input, parts[input]);
        }
    }
}
