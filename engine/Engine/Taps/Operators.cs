using System.Collections.Frozen;
using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Engine;

/// <summary>What operators do to activations, as far as it matters for choosing taps.</summary>
internal static class Operators
{
    private static readonly FrozenSet<string> Activations = new[]
    {
        "Relu", "LeakyRelu", "PRelu", "Elu", "Selu", "Celu", "ThresholdedRelu", "Clip", "HardSwish", "Mish", "Gelu", "Swish", "Softplus",
        "Softsign", "Tanh", "Sigmoid", "HardSigmoid",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> SameValues = new[]
    {
        "Identity", "Dropout", "Flatten", "Reshape", "Squeeze", "Unsqueeze", "Cast",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether the operator is a non-linear function of each element.</summary>
    public static bool IsActivation(string op) => Activations.Contains(op);

    /// <summary>Whether the operator gives the values it reads, in their order, under another name or shape.</summary>
    public static bool KeepsValues(string op) => SameValues.Contains(op);

    /// <summary>Whether the node summarises positions: a pooling, or a mean over the last two axes of a map.</summary>
    public static bool IsPooling(Graph graph, NodeProto node)
    {
        if (node.OpType is not ("ReduceMean" or "ReduceMax"))
        {
            return node.OpType is "MaxPool" or "AveragePool" or "LpPool" or "GlobalAveragePool" or "GlobalMaxPool" or "GlobalLpPool";
        }

        var axes = node.Attribute.FirstOrDefault(a => a.Name == "axes")?.Ints.ToArray()
            ?? (node.Input.Count > 1 && graph.Constant(node.Input[1]) is { } tensor ? TensorData.Longs(tensor) : []);
        return axes.Order().ToArray() is [2, 3] or [-2, -1] or [1, 2];
    }
}
