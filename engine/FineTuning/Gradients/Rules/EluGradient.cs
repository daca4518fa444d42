using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>y = x where x > 0, else a (exp x - 1): dx = dy where x > 0, else dy (y + a).</summary>
internal static class EluGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var positive = node.Add("Greater", [node.Input(0), node.Scalar(0)]);
        var below = node.Add("Add", [node.Output(), node.Scalar(node.Node.Float("alpha", 1))]);
        node.Give(0, node.Mul(node.Gradient, node.Add("Where", [positive, node.Scalar(1), below])));
    }
}
