using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>y is x with a constant around it: dx is dy without what was added, the same padding with its signs changed.</summary>
internal static class PadGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        if (node.Node.Text("mode", "constant") is not "constant" and var mode)
        {
            throw node.Unsupported($"pads in the mode '{mode}', and only constants around a map are differentiated");
        }

        if (node.Needs(2))
        {
            throw node.Unsupported("pads with a value that depends on what is learned");
        }

        var pads = node.ConstantLongs(1) is { } known ? node.Longs([.. known.Select(pad => -pad)]) : node.Add("Neg", [node.Input(1)]);
        node.Give(0, node.Add("Pad", node.Has(3) ? [node.Gradient, pads, string.Empty, node.Input(3)] : [node.Gradient, pads]));
    }
}
