using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Onnx;

/// <summary>Poolings: windows keep the channels (MaxPool tells where its values were too); global ones leave one position.</summary>
internal static class PoolingRules
{
    /// <summary>The rules.</summary>
    public static readonly (string Op, ShapeRule Rule)[] All =
    [
        ("MaxPool", Window), ("AveragePool", Window), ("LpPool", Window),
        ("GlobalAveragePool", Global), ("GlobalMaxPool", Global), ("GlobalLpPool", Global),
    ];

    private static TensorFacts[] Window(NodeFacts node)
    {
        if (node.Shape(0) is not { Rank: > 2 } input || node.Ints("kernel_shape") is not { } kernel)
        {
            return node.Unknown();
        }

        var sides = Windows.Positions(node, input, [.. kernel.Select(Dim.Of)]);
        var output = new TensorShape([input[0], input[1], .. sides]);
        return node.Op == "MaxPool" ? [new(node.Type(0), output), new(DataType.Int64, output)] : node.Gives(output);
    }

    private static TensorFacts[] Global(NodeFacts node) => node.Shape(0) is { Rank: > 2 } input
        ? node.Gives(new TensorShape([input[0], input[1], .. Enumerable.Repeat(Dim.Of(1), input.Rank - 2)]))
        : node.Unknown();
}
