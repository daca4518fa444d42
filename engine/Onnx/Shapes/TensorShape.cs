using System.Globalization;

namespace OnnxTransfer.Onnx;

/// <summary>One dimension of a tensor: a number, a symbol ("N"), or unknown (neither).</summary>
public readonly record struct Dim
{
    private Dim(long? value, string? symbol) => (Value, Symbol) = (value, symbol);

    /// <summary>A dimension about which nothing is known.</summary>
    public static Dim Unknown => default;

    /// <summary>The number, where it is known.</summary>
    public long? Value { get; }

    /// <summary>The symbol, where the dimension is one; equal symbols are equal numbers at run time.</summary>
    public string? Symbol { get; }

    /// <summary>A known dimension.</summary>
    public static Dim Of(long value) => new(value, null);

    /// <summary>A symbolic dimension.</summary>
    public static Dim Named(string symbol) => new(null, symbol);

    /// <summary>A known dimension.</summary>
    public static implicit operator Dim(long value) => Of(value);

    /// <summary>A known dimension (the named form of the conversion).</summary>
    public static Dim ToDim(long value) => Of(value);

    /// <summary>The number, the symbol, or "?".</summary>
    public override string ToString() => Value?.ToString(CultureInfo.InvariantCulture) ?? Symbol ?? "?";
}

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

    /// <summary>The number of elements, or null where a dimension is not a number.</summary>
    public long? Count => IsKnown ? Dims.Aggregate(1L, (product, d) => checked(product * d.Value!.Value)) : null;

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
