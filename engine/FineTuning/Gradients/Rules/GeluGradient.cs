using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// y = x P(x), P the normal distribution's cumulative function: dx = dy (P(x) + x p(x)), p its density; or with
/// approximate = tanh, y = x (1 + t)/2 with t = tanh(√(2/π) (x + 0.044715 x³)): dx = dy ((1 + t)/2 + x (1 - t²) √(2/π) (1 + 0.134145 x²)/2)
/// (Hendrycks and Gimpel 2016).
/// </summary>
internal static class GeluGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        node.Give(0, node.Mul(node.Gradient, node.Node.Text("approximate", "none") == "tanh" ? Approximate(node) : Exact(node)));
    }

    private static string Exact(GradientNode node)
    {
        var x = node.Input(0);
        var share = Half(node, node.Add("Erf", [node.Mul(x, node.Scalar((float)Math.Sqrt(0.5)))]));
        var bell = node.Add("Exp", [node.Mul(node.Mul(x, x), node.Scalar(-0.5f))]);
        return node.Add("Add", [share, node.Mul(x, node.Mul(bell, node.Scalar((float)(1 / Math.Sqrt(2 * Math.PI)))))]);
    }

    private static string Approximate(GradientNode node)
    {
        const double Cubic = 0.044715;
        var root = Math.Sqrt(2 / Math.PI);
        var x = node.Input(0);
        var square = node.Mul(x, x);
        var linear = node.Add("Add", [node.Mul(square, node.Scalar((float)(root * Cubic))), node.Scalar((float)root)]);
        var bent = node.Add("Tanh", [node.Mul(x, linear)]);
        var slope = node.Add("Add", [node.Mul(square, node.Scalar((float)(1.5 * root * Cubic))), node.Scalar((float)(root / 2))]);
        var rest = node.Add("Sub", [node.Scalar(1), node.Mul(bent, bent)]);
        return node.Add("Add", [Half(node, bent), node.Mul(node.Mul(x, slope), rest)]);
    }

    // (1 + t) / 2.
    private static string Half(GradientNode node, string t) => node.Add("Add", [node.Mul(t, node.Scalar(0.5f)), node.Scalar(0.5f)]);
}
