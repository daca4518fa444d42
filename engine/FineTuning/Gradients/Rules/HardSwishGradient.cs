namespace OnnxTransfer.FineTuning;

/// <summary>
/// y = x max(0, min(1, x/6 + 1/2)): dx is 0 below -3, dy (x/3 + 1/2) from there to 3, and dy above. The slope at the bends is
/// that of the middle, as PyTorch has it.
/// </summary>
internal static class HardSwishGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var x = node.Input(0);
        var middle = node.Add("Add", [node.Mul(x, node.Scalar(1f / 3)), node.Scalar(0.5f)]);
        var lower = node.Add("Where", [node.Add("Less", [x, node.Scalar(-3)]), node.Scalar(0), middle]);
        var slope = node.Add("Where", [node.Add("Greater", [x, node.Scalar(3)]), node.Scalar(1), lower]);
        node.Give(0, node.Mul(node.Gradient, slope));
    }
}
