using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>y = x where x > 0, else a x: dx = dy where x > 0, else a dy.</summary>
internal static class LeakyReluGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var positive = node.Add("Greater", [node.Input(0), node.Scalar(0)]);
        var slope = node.Add("Where", [positive, node.Scalar(1), node.Scalar(node.Node.Float("alpha", 0.01f))]);
        node.Give(0, node.Mul(node.Gradient, slope));
    }
}
