using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// ReduceSum and ReduceMean, y = the sum or the mean of x over axes: dx is dy, of a mean divided by the number of elements, repeated
/// along the axes.
/// </summary>
internal static class ReduceGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var x = node.Shape(node.Input(0));
        var axes = Axes(node, x.Rank);
        var gradient = node.Gradient;
        if (node.Op == "ReduceMean")
        {
            gradient = axes.All(axis => x[axis].Value is not null)
                ? node.Mul(gradient, node.Scalar(1f / axes.Aggregate(1L, (product, axis) => product * x[axis].Value!.Value)))
                : node.Add("Div", [node.Mul(gradient, node.Count(node.Output())), node.Count(node.Input(0))]);
        }

        if (node.Node.Int("keepdims", 1) == 0 && axes.Length > 0)
        {
            gradient = node.Add("Unsqueeze", [gradient, node.Longs([.. axes.Select(axis => (long)axis)])]);
        }

        node.Give(0, axes.Length == 0 ? gradient : node.Repeat(gradient, node.Input(0), axes));
    }

    // Axes are an input from opset 13 on for a sum, from 18 on for a mean, and an attribute before.
    private static int[] Axes(GradientNode node, int rank)
    {
        if (node.Has(1) && node.ConstantLongs(1) is null)
        {
            throw node.Unsupported("reduces over axes that are computed");
        }

        return (node.ConstantLongs(1) ?? node.Node.Ints("axes")) is { Length: > 0 } axes ? [.. axes.Select(axis => GradientNode.Axis(axis, rank)).Order()]
            : node.Node.Int("noop_with_empty_axes", 0) != 0 ? []
            : [.. Enumerable.Range(0, rank)];
    }
}
