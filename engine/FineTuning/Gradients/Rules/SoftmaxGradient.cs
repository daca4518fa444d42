using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>y = exp x / sum exp x along an axis: dx = y (dy - sum(dy y)).</summary>
internal static class SoftmaxGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        long axis = GradientNode.Axis(node.Node.Int("axis", -1), node.Shape(node.Output()).Rank);
        var sum = node.Sum(node.Mul(node.Gradient, node.Output()), [axis], keep: true);
        node.Give(0, node.Mul(node.Output(), node.Add("Sub", [node.Gradient, sum])));
    }
}
