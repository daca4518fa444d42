using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// y is the maximum of each window: dy goes to where the maximum was, and adds up where windows overlap. The places are the
/// node's own second output, counted through the whole tensor.
/// </summary>
internal static class MaxPoolGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        if (node.Node.Int("storage_order", 0) != 0)
        {
            throw node.Unsupported("counts its places column by column");
        }

        var places = node.Graph.Output(node.Output(), 1, $"gradient/{node.Output()}/places");
        var flat = node.Longs(-1);
        var zeros = node.Add("Reshape", [node.Zeros(node.Input(0)), flat]);
        var added = node.Add(
            "ScatterElements",
            [zeros, node.Add("Reshape", [places, flat]), node.Add("Reshape", [node.Gradient, flat])],
            ("axis", 0L),
            ("reduction", "add"));
        node.Give(0, node.ReshapeAs(added, node.Input(0)));
    }
}
