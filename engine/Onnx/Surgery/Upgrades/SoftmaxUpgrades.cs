namespace OnnxTransfer.Onnx;

/// <summary>Softmax, LogSoftmax and Hardmax: before set 13 over all axes from <c>axis</c> (default 1) on together, since then over that axis alone.</summary>
internal static class SoftmaxUpgrades
{
    /// <summary>The rules.</summary>
    public static readonly (string Op, long Before, UpgradeRule Rule)[] All = [("Softmax", 13, OverAxes), ("LogSoftmax", 13, OverAxes), ("Hardmax", 13, OverAxes)];

    private static void OverAxes(OldNode node)
    {
        var axis = node.Node.Int("axis", 1);
        if (node.Shape(0) is { } shape && Together(shape, axis) is [var only])
        {
            node.Set("axis", only);
            return;
        }

        var extents = node.Before("Shape", [node.Input(0)]);
        var rows = node.Before("Flatten", [node.Input(0)], ("axis", axis));
        node.Feed(0, rows);
        node.Set("axis", -1);
        node.After("Reshape", extents);
    }

    // The axes from one on that have more than one element; where none has, the last axis stands for them.
    private static int[] Together(TensorShape shape, long axis)
    {
        var first = (int)Math.Clamp(axis < 0 ? axis + shape.Rank : axis, 0, shape.Rank);
        int[] axes = [.. Enumerable.Range(first, shape.Rank - first).Where(i => shape[i].Value != 1)];
        return axes.Length > 0 || first == shape.Rank ? axes : [shape.Rank - 1];
    }
}
