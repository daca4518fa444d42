namespace OnnxTransfer.Onnx;

/// <summary>Numpy's broadcasting: shapes are aligned at the end, and an extent of 1 repeats.</summary>
internal static class Broadcasting
{
    /// <summary>The common shape.</summary>
    /// <exception cref="ImpossibleShapeException">Two extents differ and neither is 1.</exception>
    public static TensorShape Of(NodeFacts node, TensorShape a, TensorShape b)
    {
        var dims = new Dim[Math.Max(a.Rank, b.Rank)];
        for (var i = 0; i < dims.Length; i++)
        {
            var (x, y) = (At(a, i, dims.Length), At(b, i, dims.Length));
            dims[i] = x == y || y.Value == 1 ? x
                : x.Value == 1 ? y
                : Dim.Differ(x, y) ? throw node.Impossible($"cannot combine {a} with {b}")
                : !x.IsKnown && y.Value is > 1 ? y
                : !y.IsKnown && x.Value is > 1 ? x
                : Dim.Unknown;
        }

        return new TensorShape(dims);
    }

    private static Dim At(TensorShape shape, int axis, int rank) => axis < rank - shape.Rank ? 1 : shape[axis - (rank - shape.Rank)];
}
