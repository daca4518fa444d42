using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>y = x where x > 0, else a x: dx = dy where x > 0, else a dy.</summary>
internal static class LeakyReluGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var alpha = node.Node.Float("alpha", 0.01f);
        var rise = node.Mul(node.Over(node.Input(0), 0), node.Scalar(1 - alpha));
        node.Give(0, node.Mul(node.Gradient, node.Add("Add", [rise, node.Scalar(alpha)])));
    }
}
