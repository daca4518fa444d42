using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>y = x s with s = 1 / (1 + exp(-a x)): dx = dy (s + a y (1 - s)).</summary>
internal static class SwishGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var alpha = node.Node.Float("alpha", 1);
        var gate = node.Add("Sigmoid", [alpha == 1 ? node.Input(0) : node.Mul(node.Input(0), node.Scalar(alpha))]);
        var rest = node.Mul(node.Output(), node.Add("Sub", [node.Scalar(1), gate]));
        node.Give(0, node.Mul(node.Gradient, node.Add("Add", [gate, alpha == 1 ? rest : node.Mul(rest, node.Scalar(alpha))])));
    }
}
