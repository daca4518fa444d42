using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// y = s (x - m) / √(v + e) + b for each channel, with m and v given: dx = dy s / √(v + e); db = sum dy; ds = sum dy x', x' being
/// (x - m) / √(v + e); dm = -db s / √(v + e); dv = -ds s / (2 (v + e)).
/// </summary>
internal static class BatchNormalizationGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        if (node.Node.Int("training_mode", 0) != 0)
        {
            throw node.Unsupported("is in training mode; it must be lowered first");
        }

        var rank = node.Shape(node.Input(0)).Rank;
        var epsilon = node.Node.Float("epsilon", 1e-5f);
        var deviation = node.Add("Sqrt", [node.Add("Add", [node.Input(4), node.Scalar(epsilon)])]);
        var factor = node.Add("Div", [node.Input(1), deviation]);
        if (node.Needs(0))
        {
            node.Give(0, node.Mul(node.Gradient, PerChannel.Along(node, factor, rank)));
        }

        var shift = node.Needs(2) || node.Needs(3) ? PerChannel.Sum(node, node.Gradient, rank) : string.Empty;
        if (node.Needs(2))
        {
            node.Give(2, shift);
        }

        if (node.Needs(3))
        {
            node.Give(3, node.Add("Neg", [node.Mul(shift, factor)]));
        }

        if (!node.Needs(1) && !node.Needs(4))
        {
            return;
        }

        var (one, zero) = (PerChannel.Same(node, 1, node.Input(3)), PerChannel.Same(node, 0, node.Input(3)));
        var standardised = node.Add("BatchNormalization", [node.Input(0), one, zero, node.Input(3), node.Input(4)], ("epsilon", epsilon));
        var scale = PerChannel.Sum(node, node.Mul(node.Gradient, standardised), rank);
        if (node.Needs(1))
        {
            node.Give(1, scale);
        }

        if (node.Needs(4))
        {
            node.Give(4, node.Mul(node.Mul(node.Mul(scale, factor), node.Scalar(-0.5f)), node.Add("Reciprocal", [deviation])));
        }
    }
}
