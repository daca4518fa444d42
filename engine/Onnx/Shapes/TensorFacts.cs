using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Onnx;

/// <summary>What is known of a tensor before anything runs.</summary>
/// <param name="Type">The element type; UNDEFINED where it is not known.</param>
/// <param name="Shape">The shape; null where not even the rank is known.</param>
/// <param name="Values">The elements, row by row, of a small tensor of whole numbers; null where they are not followed.</param>
internal sealed record TensorFacts(DataType Type, TensorShape? Shape, IReadOnlyList<Dim>? Values = null)
{
    /// <summary>Values are followed in tensors up to this size: those that shapes are made of are far smaller.</summary>
    public const int MostValues = 1024;

    /// <summary>Nothing is known.</summary>
    public static readonly TensorFacts Nothing = new(DataType.Undefined, null);

    /// <summary>Why the tensor cannot be computed with these inputs, by the node where it fails; null where it can.</summary>
    public string? Impossible { get; init; }

    /// <summary>The one output of a node.</summary>
    public static TensorFacts[] One(DataType type, TensorShape? shape, IReadOnlyList<Dim>? values = null) =>
        [new(type, shape, values is { Count: <= MostValues } ? values : null)];

    /// <summary>An int64 vector of these values.</summary>
    public static TensorFacts Vector(params IReadOnlyList<Dim> values) =>
        new(DataType.Int64, new TensorShape(values.Count), values.Count <= MostValues ? values : null);

    /// <summary>An int64 scalar.</summary>
    public static TensorFacts Scalar(Dim value) => new(DataType.Int64, new TensorShape(), [value]);
}
