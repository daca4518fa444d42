using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>y = g x where x > 0, else g a (exp x - 1): dx = g dy where x > 0, else dy (y + g a).</summary>
internal static class SeluGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var (alpha, gamma) = (node.Node.Float("alpha", 1.67326319217681884765625f), node.Node.Float("gamma", 1.05070102214813232421875f));
        node.Give(0, node.Mul(node.Gradient, EluGradient.Slope(node, gamma * alpha, gamma)));
    }
}
