using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>y = x where x > 0, else a (exp x - 1): dx = dy where x > 0, else dy (y + a).</summary>
internal static class EluGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        node.Give(0, node.Mul(node.Gradient, Slope(node, node.Node.Float("alpha", 1), 1)));
    }

    /// <summary>The slope of above x where x > 0, else of below (exp x - 1).</summary>
    public static string Slope(GradientNode node, float below, float above)
    {
        // Of rising halves y tells on which side x is, and the exponential stands in it.
        var slope = below >= 0 && above >= 0
            ? node.Add("Add", [node.Add("Min", [node.Output(), node.Scalar(0)]), node.Scalar(below)])
            : node.Mul(node.Add("Exp", [node.Add("Min", [node.Input(0), node.Scalar(0)])]), node.Scalar(below));
        return above == below ? slope : node.Add("Add", [slope, node.Mul(node.Over(node.Input(0), 0), node.Scalar(above - below))]);
    }
}
