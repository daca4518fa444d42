using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Onnx;

/// <summary>Normalisations, and Dropout: the first output is as the first input.</summary>
internal static class NormalizationRules
{
    /// <summary>The rules.</summary>
    public static readonly (string Op, ShapeRule Rule)[] All =
    [
        ("BatchNormalization", Channels), ("InstanceNormalization", Channels), ("GroupNormalization", Same), ("LayerNormalization", Same),
        ("LpNormalization", Same), ("MeanVarianceNormalization", Same), ("LRN", Same), ("Dropout", Dropout),
    ];

    private static TensorFacts[] Same(NodeFacts node) => node.Gives(node.Shape(0));

    private static TensorFacts[] Channels(NodeFacts node)
    {
        if (node.Shape(0) is { Rank: > 1 } input && node.Shape(1) is { Rank: 1 } scale && Dim.Differ(input[1], scale[0]))
        {
            throw node.Impossible($"takes {scale[0]} channels and gets {input}");
        }

        return node.Gives(node.Shape(0));
    }

    private static TensorFacts[] Dropout(NodeFacts node) =>
        [new(node.Type(0), node.Shape(0), node.Values(0)), new(DataType.Bool, node.Shape(0))];
}
