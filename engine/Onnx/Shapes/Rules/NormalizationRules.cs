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

    /// <summary>Whether it is a BatchNormalization that takes mean and variance from the batch it is given.</summary>
    public static bool Trains(NodeFacts node) => node.Op == "BatchNormalization" && node.Int("training_mode", 0) != 0;

    private static TensorFacts[] Channels(NodeFacts node)
    {
        if (Trains(node))
        {
            throw node.Impossible("is in training mode, where the images of a batch influence each other");
        }

        if (node.Shape(0) is { Rank: > 1 } input && node.Shape(1) is { Rank: 1 } scale && Dim.Differ(input[1], scale[0]))
        {
            throw node.Impossible($"takes {scale[0]} channels and gets {input}");
        }

        return node.Gives(node.Shape(0));
    }

    private static TensorFacts[] Dropout(NodeFacts node) =>
        [new(node.Type(0), node.Shape(0), node.Values(0)), new(DataType.Bool, node.Shape(0))];
}
