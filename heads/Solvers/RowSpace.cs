namespace OnnxTransfer.Heads;

/// <summary>
/// Fewer codes than columns: optimal weights are sums of codes, W = A X, so that a problem on X is one on the N x N factor L
/// of X X' = L L', which has the same scores and the same penalty (the representer theorem: Kimeldorf and Wahba, 1971).
/// </summary>
/// <remarks>
/// Products are float32 and the diagonal is raised a little, so the optimum on L is a start for the one on X, a step or two
/// away, and no more.
/// </remarks>
internal sealed class RowSpace : IDisposable
{
    // Against the mean of the diagonal: above the rounding of the products, far below what an optimum depends on.
    private const double Raise = 1e-4;

    private readonly RowSlabs slabs;
    private readonly Cholesky<double> factor;
    private readonly int threads;

    private RowSpace(RowSlabs slabs, Cholesky<double> factor, int threads)
    {
        (this.slabs, this.factor, this.threads) = (slabs, factor, threads);
        var rows = slabs.Codes.Rows;
        var values = new float[(long)rows * rows];
        for (var i = 0; i < rows; i++)
        {
            factor.CopyRow(i, values.AsSpan(i * rows, i + 1));
        }

        Slabs = new RowSlabs(new CodeMatrix(values, rows, rows), (0, rows));
    }

    /// <summary>L: N x N codes.</summary>
    public RowSlabs Slabs { get; }

    /// <summary>The space of all rows; null where they are not few, or where rounding forbids it.</summary>
    public static RowSpace? Of(RowSlabs slabs, int threads)
    {
        var rows = slabs.Codes.Rows;
        if (rows > slabs.Codes.Columns / 2 || (long)rows * rows > HeadPreconditioner.MostNumbers)
        {
            return null;
        }

        using var gram = new RowGram(slabs);
        gram.Change([.. Enumerable.Range(0, rows)]);
        var trace = 0.0;
        for (var i = 0; i < rows; i++)
        {
            trace += gram.Row(i)[i];
        }

        var factor = Cholesky<double>.Of(rows, (i, target) =>
        {
            var products = gram.Row(i);
            for (var j = 0; j <= i; j++)
            {
                target[j] = products[j];
            }

            target[i] += Raise * trace / rows;
        });
        return factor is null ? null : new RowSpace(slabs, factor, threads);
    }

    /// <summary>Weights for the codes, K x (D + 1), from weights for L, K x (N + 1): W = (L'^-1 V)' X.</summary>
    public double[] Expand(double[] reduced)
    {
        var (rows, width) = (slabs.Codes.Rows, slabs.Codes.Columns + 1);
        var classes = reduced.Length / (rows + 1);
        Workers.For(classes, threads, (k, _) => factor.SolveTransposed(reduced.AsSpan(k * (rows + 1), rows)));
        var weights = new double[classes * width];
        using var pass = new CodePass<double>(slabs, classes, threads);
        pass.Run(
            default,
            (_, first, count, scores, stride) =>
            {
                for (var i = 0; i < count; i++)
                {
                    for (var k = 0; k < classes; k++)
                    {
                        scores[(i * stride) + k] = reduced[(k * (rows + 1)) + first + i];
                    }
                }
            },
            weights);
        for (var k = 0; k < classes; k++)
        {
            weights[(k * width) + width - 1] = reduced[(k * (rows + 1)) + rows];
        }

        return weights;
    }

    public void Dispose() => factor.Dispose();
}
