namespace OnnxTransfer.FineTuning;

/// <summary>
/// y = x max(0, min(1, x/6 + 1/2)): dx is 0 below -3, dy (x/3 + 1/2) from there to 3, and dy from 3 on. At the bends this is what
/// PyTorch's vector code has; its code for single elements has 3/2 at 3.
/// </summary>
internal static class HardSwishGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var x = node.Input(0);
        var middle = node.Add("Add", [node.Mul(x, node.Scalar(1f / 3)), node.Scalar(0.5f)]);
        var low = node.Indicator(node.Add("GreaterOrEqual", [x, node.Scalar(-3)]));
        var high = node.Indicator(node.Add("GreaterOrEqual", [x, node.Scalar(3)]));
        var slope = node.Add("Add", [node.Mul(middle, node.Add("Sub", [low, high])), high]);
        node.Give(0, node.Mul(node.Gradient, slope));
    }
}
