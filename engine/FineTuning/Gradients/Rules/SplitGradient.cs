using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>The outputs are parts of x along an axis: dx is their gradients one after the other, 0 for parts that nothing came to.</summary>
internal static class SplitGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var parts = Enumerable.Range(0, node.Outputs).Select(output => node.GradientOf(output) ?? node.Zeros(Part(node, output)));
        var axis = GradientNode.Axis(node.Node.Int("axis", 0), node.Shape(node.Input(0)).Rank);
        node.Give(0, node.Add("Concat", [.. parts], ("axis", (long)axis)));
    }

    // A part that the node leaves out is put out after all, for its shape.
    private static string Part(GradientNode node, int output) =>
        node.Graph.Output(node.Node.Output.First(name => name.Length > 0), output, $"gradient/{node.Op}/part");
}
