using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// Gradient rules in ONNX's own operators as GPUs want them, for Differentiation's special rules. What they do not know is left to
/// <see cref="GradientRules"/>.
/// </summary>
internal static class GpuRules
{
    /// <summary>The rules of a graph's nodes, by their first output.</summary>
    public static Dictionary<string, GradientRule> Of(GraphShapes shapes) => shapes.Graph.Nodes
        .Where(static node => node is { Domain: "" or "ai.onnx", OpType: "Conv" })
        .ToDictionary(static node => node.Output[0], static GradientRule (_) => GpuConvGradient.Rule, StringComparer.Ordinal);
}
