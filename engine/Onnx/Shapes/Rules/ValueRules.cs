using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Onnx;

/// <summary>Shapes as values and values as shapes: where exporters compute with dimensions.</summary>
internal static class ValueRules
{
    /// <summary>The rules.</summary>
    public static readonly (string Op, ShapeRule Rule)[] All =
    [
        ("Shape", Shape), ("Size", Size), ("Cast", Cast), ("Constant", Constant), ("ConstantOfShape", ConstantOfShape), ("Range", Range),
        ("NonZero", NonZero),
    ];

    private static TensorFacts[] Shape(NodeFacts node)
    {
        if (node.Shape(0) is not { } input)
        {
            return TensorFacts.One(DataType.Int64, new TensorShape(Dim.Unknown));
        }

        var (start, end) = (Bound(node.Int("start", 0), input.Rank), Bound(node.Int("end", input.Rank), input.Rank));
        return [TensorFacts.Vector([.. input.Dims.Take(end).Skip(start)])];

        static int Bound(long at, int rank) => (int)Math.Clamp(at < 0 ? at + rank : at, 0, rank);
    }

    private static TensorFacts[] Size(NodeFacts node) =>
        [TensorFacts.Scalar(node.Shape(0) is { } input ? Dim.Product(input.Dims) : Dim.Unknown)];

    // Values survive a cast between whole numbers. As floats they are followed no further: a quotient would not be cut there.
    private static TensorFacts[] Cast(NodeFacts node)
    {
        var type = (DataType)node.Int("to", 0);
        var fits = type is DataType.Int64
            || (type is DataType.Int32 && (node.Values(0)?.All(v => v.Value is null or (>= int.MinValue and <= int.MaxValue)) ?? false));
        return TensorFacts.One(type, node.Shape(0), fits ? node.Values(0) : null);
    }

    private static TensorFacts[] Constant(NodeFacts node) =>
        node.Constant is { } value ? [ShapeInference.Constant(value)] : [TensorFacts.Nothing];

    private static TensorFacts[] ConstantOfShape(NodeFacts node)
    {
        TensorProto? value = node.Tensor("value");
        var type = value is null ? DataType.Float : TensorData.Type(value);
        if (node.Values(0) is not { } dims)
        {
            return TensorFacts.One(type, null);
        }

        var shape = new TensorShape(dims);
        var filled = value is not null && ShapeInference.Constant(value).Values is [var one] && shape.Count is >= 0 and <= TensorFacts.MostValues and var count
            ? Enumerable.Repeat(one, (int)count).ToList()
            : null;
        return TensorFacts.One(type, shape, filled);
    }

    private static TensorFacts[] Range(NodeFacts node)
    {
        if (node.Longs(0) is not [var start] || node.Longs(1) is not [var limit] || node.Longs(2) is not [var step] || step == 0)
        {
            return node.Gives(new TensorShape(Dim.Unknown));
        }

        var count = Steps.Count(start, limit, step);
        var values = count <= TensorFacts.MostValues ? Enumerable.Range(0, (int)count).Select(i => Dim.Of(start + (i * step))).ToList() : null;
        return node.Gives(new TensorShape(count <= long.MaxValue ? (long)count : Dim.Unknown), values);
    }

    private static TensorFacts[] NonZero(NodeFacts node) =>
        TensorFacts.One(DataType.Int64, new TensorShape(node.Shape(0) is { } input ? input.Rank : Dim.Unknown, Dim.Unknown));
}
