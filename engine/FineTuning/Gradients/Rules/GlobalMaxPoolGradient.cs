namespace OnnxTransfer.FineTuning;

/// <summary>y is the maximum of each map: dx is dy where the map first has it, else 0.</summary>
internal static class GlobalMaxPoolGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var flat = node.Add("Reshape", [node.Input(0), node.Longs(0, 0, -1)]);
        var places = node.Add("ArgMax", [flat], ("axis", 2L), ("keepdims", 1L));
        var updates = node.Add("Reshape", [node.Gradient, node.Longs(0, 0, -1)]);
        node.Give(0, node.ReshapeAs(node.Add("ScatterElements", [node.Zeros(flat), places, updates], ("axis", 2L)), node.Input(0)));
    }
}
