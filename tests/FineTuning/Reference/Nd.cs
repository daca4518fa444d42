using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning.Tests.Reference;

/// <summary>A tensor of the evaluator, row by row: floating-point numbers of any type as double, whole numbers as long, bool as 0 and 1.</summary>
internal sealed class Nd
{
    private readonly double[]? floats;
    private readonly long[]? longs;

    private Nd(DataType type, long[] dims, double[]? floats, long[]? longs)
    {
        (Type, Dims, this.floats, this.longs) = (type, dims, floats, longs);
        var count = dims.Aggregate(1L, (product, dim) => product * dim);
        if (count != (floats?.Length ?? longs!.Length))
        {
            throw new ArgumentException($"{floats?.Length ?? longs!.Length} values do not fill [{string.Join(", ", dims)}].");
        }
    }

    public DataType Type { get; }

    public long[] Dims { get; }

    public int Rank => Dims.Length;

    public int Count => floats?.Length ?? longs!.Length;

    public bool IsFloating => floats is not null;

    public double[] Floats => floats ?? throw new InvalidOperationException($"{Type} where floating-point numbers are needed.");

    public long[] Longs => longs ?? throw new InvalidOperationException($"{Type} where whole numbers are needed.");

    public static Nd Of(double[] values, params long[] dims) => new(DataType.Float, dims, values, null);

    public static Nd Of(long[] values, params long[] dims) => new(DataType.Int64, dims, null, values);

    public static Nd Of(bool[] values, params long[] dims) => new(DataType.Bool, dims, null, [.. values.Select(value => value ? 1L : 0)]);

    public static Nd Of(TensorProto tensor) => TensorData.IsFloating(tensor)
        ? new(TensorData.Type(tensor), [.. tensor.Dims], [.. TensorData.Floats(tensor).Select(value => (double)value)], null)
        : new(TensorData.Type(tensor), [.. tensor.Dims], null, TensorData.Longs(tensor));

    /// <summary>The same elements in another shape.</summary>
    public Nd Reshaped(params long[] dims) => new(Type, dims, floats, longs);

    /// <summary>The elements as another type.</summary>
    public Nd As(DataType type)
    {
        var toFloats = type is DataType.Float or DataType.Double or DataType.Float16 or DataType.Bfloat16;
        return new(
            type,
            Dims,
            toFloats ? floats ?? [.. longs!.Select(value => (double)value)] : null,
            toFloats ? null
                : type == DataType.Bool ? [.. Enumerable.Range(0, Count).Select(i => (floats?[i] ?? longs![i]) != 0 ? 1L : 0)]
                : longs ?? [.. floats!.Select(value => (long)value)]);
    }

    /// <summary>A tensor of the same type whose elements are those at places of this one; at -1 there is <paramref name="otherwise"/>.</summary>
    public Nd Pick(long[] dims, Func<long[], long> place, double otherwise = 0)
    {
        var places = Places(dims).Select(place).ToArray();
        return new(
            Type,
            dims,
            floats is null ? null : [.. places.Select(p => p < 0 ? otherwise : floats[p])],
            longs is null ? null : [.. places.Select(p => p < 0 ? (long)otherwise : longs[p])]);
    }

    /// <summary>The place of the element at an index in row-major order.</summary>
    public long At(ReadOnlySpan<long> index)
    {
        var place = 0L;
        for (var axis = 0; axis < Rank; axis++)
        {
            place = (place * Dims[axis]) + index[axis];
        }

        return place;
    }

    /// <summary>The place of the element that broadcasting shows at an index of a shape of the same or a higher rank.</summary>
    public long Broadcast(long[] index)
    {
        var place = 0L;
        for (var axis = 0; axis < Rank; axis++)
        {
            place = (place * Dims[axis]) + (Dims[axis] == 1 ? 0 : index[axis + index.Length - Rank]);
        }

        return place;
    }

    /// <summary>All indices of a shape, row by row; each is a new array.</summary>
    public static IEnumerable<long[]> Places(long[] dims)
    {
        var count = dims.Aggregate(1L, (product, dim) => product * dim);
        for (var i = 0L; i < count; i++)
        {
            var index = new long[dims.Length];
            var rest = i;
            for (var axis = dims.Length - 1; axis >= 0; axis--)
            {
                (rest, index[axis]) = Math.DivRem(rest, dims[axis]);
            }

            yield return index;
        }
    }

    /// <summary>The shape that tensors have after broadcasting.</summary>
    public static long[] Common(params IEnumerable<Nd> tensors)
    {
        var shapes = tensors.Select(tensor => tensor.Dims).ToList();
        var common = new long[shapes.Max(dims => dims.Length)];
        Array.Fill(common, 1);
        foreach (var dims in shapes)
        {
            for (var axis = 0; axis < dims.Length; axis++)
            {
                var at = axis + common.Length - dims.Length;
                common[at] = common[at] == 1 ? dims[axis]
                    : dims[axis] == 1 || dims[axis] == common[at] ? common[at]
                    : throw new InvalidOperationException("shapes that do not go together");
            }
        }

        return common;
    }
}
