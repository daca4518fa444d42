namespace OnnxTransfer.FineTuning.Tests.Reference;

/// <summary>Products of matrices.</summary>
internal static class ProductOperators
{
    public static readonly (string Op, Func<RefNode, Nd[]> Compute)[] All = [("MatMul", node => [MatMul(node[0], node[1])]), ("Gemm", Gemm)];

    private static Nd MatMul(Nd a, Nd b)
    {
        if (a.Rank == 1)
        {
            var row = MatMul(a.Reshaped(1, a.Dims[0]), b);
            return row.Reshaped(b.Rank == 1 ? [] : [.. row.Dims[..^2], row.Dims[^1]]);
        }

        if (b.Rank == 1)
        {
            var column = MatMul(a, b.Reshaped(b.Dims[0], 1));
            return column.Reshaped(column.Dims[..^1]);
        }

        var front = Nd.Common(Nd.Of(new double[Product(a.Dims[..^2])], a.Dims[..^2]), Nd.Of(new double[Product(b.Dims[..^2])], b.Dims[..^2]));
        long[] dims = [.. front, a.Dims[^2], b.Dims[^1]];
        return Nd.Of(
            [.. Nd.Places(dims).Select(at =>
            {
                var sum = 0.0;
                for (var k = 0L; k < a.Dims[^1]; k++)
                {
                    sum += a.Floats[a.Broadcast([.. at[..^1], k])] * b.Floats[b.Broadcast([.. at[..^2], k, at[^1]])];
                }

                return sum;
            })],
            dims);
    }

    private static Nd[] Gemm(RefNode node)
    {
        var a = node.Int("transA", 0) != 0 ? Transposed(node[0]) : node[0];
        var b = node.Int("transB", 0) != 0 ? Transposed(node[1]) : node[1];
        var product = ElementwiseOperators.Map(MatMul(a, b), value => value * node.Float("alpha", 1));
        return [node.Has(2) ? ElementwiseOperators.Combine(product, node[2], (p, c) => p + (node.Float("beta", 1) * c)) : product];
    }

    private static Nd Transposed(Nd matrix) => matrix.Pick([matrix.Dims[1], matrix.Dims[0]], at => matrix.At([at[1], at[0]]));

    private static long Product(long[] dims) => dims.Aggregate(1L, (product, dim) => product * dim);
}
