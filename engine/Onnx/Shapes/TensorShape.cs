namespace OnnxTransfer.Onnx;

/// <summary>The shape of a tensor: its dimensions in order; two shapes are equal when their dimensions are.</summary>
public sealed class TensorShape : IEquatable<TensorShape>
{
    /// <summary>Makes the shape with these dimensions.</summary>
    public TensorShape(params IReadOnlyList<Dim> dims) => Dims = [.. dims];

    /// <summary>The dimensions, outermost first.</summary>
    public IReadOnlyList<Dim> Dims { get; }

    /// <summary>The number of dimensions; 0 for a scalar.</summary>
    public int Rank => Dims.Count;

    /// <summary>Whether every dimension is a number.</summary>
    public bool IsKnown => Dims.All(d => d.Value is not null);

    /// <summary>The dimension at <paramref name="axis"/>.</summary>
    public Dim this[int axis] => Dims[axis];

    /// <summary>The number of elements, or null where a dimension is not a number or the product does not fit.</summary>
    public long? Count => Dim.Product(Dims).Value;

    /// <summary>A shape of numbers.</summary>
    public static TensorShape Of(IEnumerable<long> dims) => new([.. dims.Select(Dim.Of)]);

    /// <summary>"N x 512 x 7 x 7"; "scalar" for rank 0.</summary>
    public override string ToString() => Rank == 0 ? "scalar" : string.Join(" x ", Dims);

    /// <inheritdoc/>
    public bool Equals(TensorShape? other) => other is not null && Dims.SequenceEqual(other.Dims);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TensorShape);

    /// <inheritdoc/>
    public override int GetHashCode() => Dims.Aggregate(17, HashCode.Combine);
}
