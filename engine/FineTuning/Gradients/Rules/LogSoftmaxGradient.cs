using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>y = x - log sum exp x along an axis: dx = dy - exp(y) sum(dy).</summary>
internal static class LogSoftmaxGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        long axis = GradientNode.Axis(node.Node.Int("axis", -1), node.Shape(node.Output()).Rank);
        var share = node.Mul(node.Add("Exp", [node.Output()]), node.Sum(node.Gradient, [axis], keep: true));
        node.Give(0, node.Add("Sub", [node.Gradient, share]));
    }
}
