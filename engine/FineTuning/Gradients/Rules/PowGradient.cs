using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>y = x^e with a constant exponent e: dx = dy e x^(e-1), summed over the axes along which x was repeated.</summary>
internal static class PowGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        if (node.Needs(1))
        {
            throw node.Unsupported("has an exponent that depends on what is learned");
        }

        var constant = node.Constant(1) ?? throw node.Unsupported("has an exponent that is computed; only constant ones are differentiated");
        var exponents = TensorData.IsFloating(constant) ? TensorData.Floats(constant) : [.. TensorData.Longs(constant).Select(whole => (float)whole)];
        var slope = exponents.Distinct().Count() == 1
            ? OfOne(node, exponents[0])
            : node.Mul(
                node.Graph.Constant("gradient/exponents", exponents, [.. constant.Dims]),
                node.Add("Pow", [node.Input(0), node.Graph.Constant("gradient/exponents", [.. exponents.Select(Lower)], [.. constant.Dims])]));
        node.Give(0, Repeated.Sum(node, node.Mul(node.Gradient, slope), node.Input(0)));
    }

    // What stands before the power of an exponent of 0 is 0: the power must only be finite, at x = 0 too.
    private static float Lower(float exponent) => exponent == 0 ? 1 : exponent - 1;

    // Squares and square roots are the common ones, and need no power.
    private static string OfOne(GradientNode node, float exponent) => exponent switch
    {
        0 or 1 => node.Scalar(exponent),
        2 => node.Mul(node.Input(0), node.Scalar(2)),
        0.5f => node.Add("Div", [node.Scalar(0.5f), node.Output()]),
        _ => node.Mul(node.Add("Pow", [node.Input(0), node.Scalar(exponent - 1)]), node.Scalar(exponent)),
    };
}
