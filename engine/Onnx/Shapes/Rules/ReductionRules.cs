using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Onnx;

/// <summary>Reductions over axes, which become 1 or vanish.</summary>
internal static class ReductionRules
{
    /// <summary>The rules.</summary>
    public static readonly (string Op, ShapeRule Rule)[] All =
    [
        .. new[]
        {
            "ReduceMean", "ReduceMax", "ReduceMin", "ReduceSum", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp",
            "ReduceSumSquare",
        }.Select(op => (op, (ShapeRule)Reduce)),
        ("ArgMax", Position), ("ArgMin", Position), ("TopK", TopK),
    ];

    /// <summary>The axes that a reduction removes, counted from the front; null where they are not known.</summary>
    public static int[]? Axes(NodeFacts node, int rank)
    {
        if (node.IntsOf("axes", 1) is { Length: > 0 } axes)
        {
            return [.. axes.Select(a => node.Axis(a, rank))];
        }

        return node.Has(1) && node.Values(1) is not { Count: 0 } ? null
            : node.Int("noop_with_empty_axes", 0) != 0 ? []
            : [.. Enumerable.Range(0, rank)];
    }

    private static TensorFacts[] Reduce(NodeFacts node)
    {
        if (node.Shape(0) is not { } input || Axes(node, input.Rank) is not { } axes)
        {
            return node.Unknown();
        }

        var values = node.Op == "ReduceProd" && axes.Length == input.Rank && node.Values(0) is { } factors ? [Dim.Product(factors)] : (Dim[]?)null;
        return node.Gives(Without(input, axes, node.Int("keepdims", 1) != 0), values);
    }

    private static TensorFacts[] Position(NodeFacts node)
    {
        if (node.Shape(0) is not { } input)
        {
            return TensorFacts.One(DataType.Int64, null);
        }

        var axis = node.Axis(node.Int("axis", 0), input.Rank);
        return TensorFacts.One(DataType.Int64, Without(input, [axis], node.Int("keepdims", 1) != 0));
    }

    private static TensorFacts[] TopK(NodeFacts node)
    {
        if (node.Shape(0) is not { } input)
        {
            return [new(node.Type(0), null), new(DataType.Int64, null)];
        }

        var axis = node.Axis(node.Int("axis", -1), input.Rank);
        var kept = node.Opset < 10 ? node.Int("k", 0) : node.Values(1) is [var k] ? k : Dim.Unknown;
        var shape = new TensorShape([.. input.Dims.Select((d, i) => i == axis ? kept : d)]);
        return [new(node.Type(0), shape), new(DataType.Int64, shape)];
    }

    private static TensorShape Without(TensorShape input, int[] axes, bool keep) => keep
        ? new([.. input.Dims.Select((d, i) => axes.Contains(i) ? 1 : d)])
        : new([.. input.Dims.Where((_, i) => !axes.Contains(i))]);
}
