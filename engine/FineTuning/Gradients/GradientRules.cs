using System.Collections.Frozen;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.FineTuning;

/// <summary>Gives the inputs of a node their gradients, from those of its outputs.</summary>
/// <exception cref="NoGradientException">The node, as it is, cannot be differentiated.</exception>
internal delegate void GradientRule(GradientNode node);

/// <summary>The one table of rules, by operator; each rule stands in a file of its own in Rules/.</summary>
internal static class GradientRules
{
    private static readonly FrozenDictionary<string, GradientRule> Table = new Dictionary<string, GradientRule>
    {
        ["Add"] = AddGradient.Rule,
        ["Conv"] = ConvGradient.Rule,
        ["MaxPool"] = MaxPoolGradient.Rule,
        ["Relu"] = ReluGradient.Rule,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The operators that have a rule, in ordinal order.</summary>
    public static IReadOnlyList<string> Operators { get; } = [.. Table.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The rule of a node's operator, or null: other domains have none.</summary>
    public static GradientRule? Of(NodeProto node) => node.Domain is "" or "ai.onnx" ? Table.GetValueOrDefault(node.OpType) : null;
}
