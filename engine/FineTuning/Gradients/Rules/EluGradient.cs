using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>y = x where x > 0, else a (exp x - 1): dx = dy where x > 0, else dy (y + a).</summary>
internal static class EluGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var alpha = node.Node.Float("alpha", 1);
        var slope = node.Add("Add", [node.Add("Min", [node.Output(), node.Scalar(0)]), node.Scalar(alpha)]);
        if (alpha != 1)
        {
            slope = node.Add("Add", [slope, node.Mul(node.Over(node.Input(0), 0), node.Scalar(1 - alpha))]);
        }

        node.Give(0, node.Mul(node.Gradient, slope));
    }
}
