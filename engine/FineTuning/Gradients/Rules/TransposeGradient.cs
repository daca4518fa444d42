using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>y is x with its axes in another order: dx is dy with the axes put back.</summary>
internal static class TransposeGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var rank = node.Shape(node.Input(0)).Rank;
        var order = node.Node.Ints("perm") ?? [.. Enumerable.Range(0, rank).Reverse().Select(axis => (long)axis)];
        var back = new long[rank];
        for (var axis = 0; axis < rank; axis++)
        {
            back[order[axis]] = axis;
        }

        node.Give(0, node.Add("Transpose", [node.Gradient], ("perm", back)));
    }
}
