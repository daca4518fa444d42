using System.Collections.Frozen;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx;

/// <summary>Rewrites a node for operator set 17.</summary>
/// <exception cref="OnnxTransferException">Model: the node is written in a way that has no counterpart there.</exception>
internal delegate void UpgradeRule(OldNode node);

/// <summary>
/// The one table of operators whose meaning or form changed between operator sets 7 and 17: each family's file adds its own.
/// An operator that is not in it only gained element types, or attributes whose defaults say what was meant before.
/// </summary>
internal static class UpgradeRules
{
    // Before: the first operator set in which the operator has its form of set 17.
    private static readonly FrozenDictionary<string, (long Before, UpgradeRule Rule)> Table = new[]
    {
        NormalizationUpgrades.All, SoftmaxUpgrades.All, AttributeUpgrades.All, BoundUpgrades.All, ResizeUpgrades.All, RegionUpgrades.All,
    }.SelectMany(family => family).ToFrozenDictionary(rule => rule.Op, rule => (rule.Before, rule.Rule), StringComparer.Ordinal);

    /// <summary>The rule for a node of an operator set, or null where the node stays as it is.</summary>
    public static UpgradeRule? Of(NodeProto node, long opset) =>
        node.Domain is "" or "ai.onnx" && Table.TryGetValue(node.OpType, out var found) && opset < found.Before ? found.Rule : null;
}
