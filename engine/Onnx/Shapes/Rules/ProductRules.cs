namespace OnnxTransfer.Onnx;

/// <summary>Matrix products.</summary>
internal static class ProductRules
{
    /// <summary>The rules.</summary>
    public static readonly (string Op, ShapeRule Rule)[] All = [("Gemm", Gemm), ("MatMul", MatMul)];

    private static TensorFacts[] Gemm(NodeFacts node)
    {
        if (node.Shape(0) is not { } a || node.Shape(1) is not { } b)
        {
            return node.Unknown();
        }

        if (a.Rank != 2 || b.Rank != 2)
        {
            throw node.Impossible($"multiplies matrices and gets {a} and {b}");
        }

        var (rows, inner) = node.Int("transA", 0) == 0 ? (a[0], a[1]) : (a[1], a[0]);
        var (taken, columns) = node.Int("transB", 0) == 0 ? (b[0], b[1]) : (b[1], b[0]);
        Check(node, inner, taken);
        return node.Gives(new TensorShape(rows, columns));
    }

    // As numpy: a vector is a row on the left and a column on the right, axes before the last two broadcast.
    private static TensorFacts[] MatMul(NodeFacts node)
    {
        if (node.Shape(0) is not { Rank: > 0 } a || node.Shape(1) is not { Rank: > 0 } b)
        {
            return node.Unknown();
        }

        Check(node, a[a.Rank - 1], b[Math.Max(b.Rank - 2, 0)]);
        var outer = Broadcasting.Of(node, new TensorShape([.. a.Dims.SkipLast(2)]), new TensorShape([.. b.Dims.SkipLast(2)]));
        return node.Gives(new TensorShape(
            [.. outer.Dims, .. a.Rank == 1 ? Array.Empty<Dim>() : [a[a.Rank - 2]], .. b.Rank == 1 ? Array.Empty<Dim>() : [b[b.Rank - 1]]]));
    }

    private static void Check(NodeFacts node, Dim given, Dim taken)
    {
        if (Dim.Differ(given, taken))
        {
            throw node.Impossible($"takes {taken} values per row and gets {given}");
        }
    }
}
