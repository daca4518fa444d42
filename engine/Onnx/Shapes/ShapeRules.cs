using System.Collections.Frozen;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx;

/// <summary>What a node's outputs are, given what is known of its inputs; outputs left out are unknown.</summary>
/// <exception cref="ImpossibleShapeException">The node cannot work on these inputs.</exception>
internal delegate IReadOnlyList<TensorFacts> ShapeRule(NodeFacts node);

/// <summary>The one table of operators: each family's file in Rules/ adds its own.</summary>
internal static class ShapeRules
{
    private static readonly FrozenDictionary<string, ShapeRule> Table = new[]
    {
        ConvolutionRules.All, PoolingRules.All, ProductRules.All, ElementwiseRules.All, NormalizationRules.All, ReductionRules.All,
        ReshapeRules.All, ArrangementRules.All, SelectionRules.All, ResizeRules.All, ValueRules.All,
    }.SelectMany(family => family).ToFrozenDictionary(rule => rule.Op, rule => rule.Rule, StringComparer.Ordinal);

    /// <summary>Whether the operator combines its inputs element by element.</summary>
    public static bool Broadcasts(string op) => ElementwiseRules.Combining.Contains(op);

    /// <summary>The rule of a node's operator, or null: other domains have none.</summary>
    public static ShapeRule? Of(NodeProto node) =>
        node.Domain is "" or "ai.onnx" ? Table.GetValueOrDefault(node.OpType) : null;
}
