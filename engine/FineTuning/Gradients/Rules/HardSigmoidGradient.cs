using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>y = max(0, min(1, a x + b)): dx = a dy where y is between 0 and 1, else 0.</summary>
internal static class HardSigmoidGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var inside = node.Add("And", [node.Add("Greater", [node.Output(), node.Scalar(0)]), node.Add("Less", [node.Output(), node.Scalar(1)])]);
        node.Give(0, node.Mul(node.Gradient, node.Mul(node.Indicator(inside), node.Scalar(node.Node.Float("alpha", 0.2f)))));
    }
}
