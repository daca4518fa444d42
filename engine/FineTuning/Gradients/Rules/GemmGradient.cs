using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// y = a A B + b C, with A and B transposed where the attributes say so: dA = a dy Bᵀ, dB = a Aᵀ dy, transposed as they are; dC = b dy
/// summed over the axes that were repeated.
/// </summary>
internal static class GemmGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var (a, b) = (node.Node.Int("transA", 0), node.Node.Int("transB", 0));
        if (node.Needs(0))
        {
            node.Give(0, a == 0 ? Product(node, node.Gradient, node.Input(1), 0, 1 - b) : Product(node, node.Input(1), node.Gradient, b, 1));
        }

        if (node.Needs(1))
        {
            node.Give(1, b == 0 ? Product(node, node.Input(0), node.Gradient, 1 - a, 0) : Product(node, node.Gradient, node.Input(0), 1, a));
        }

        if (node.Needs(2))
        {
            var (sum, beta) = (Repeated.Sum(node, node.Gradient, node.Input(2)), node.Node.Float("beta", 1));
            node.Give(2, beta == 1 ? sum : node.Mul(sum, node.Scalar(beta)));
        }
    }

    private static string Product(GradientNode node, string left, string right, long transposeLeft, long transposeRight) => node.Add(
        "Gemm", [left, right], ("transA", transposeLeft), ("transB", transposeRight), ("alpha", node.Node.Float("alpha", 1)));
}
