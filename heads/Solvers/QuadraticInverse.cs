namespace OnnxTransfer.Heads;

/// <summary>
/// (penalty + C X~'diag(w) X~)^-1 for a loss with the curvature w_i everywhere: one factor for all classes, on the smaller
/// side of the codes; as good as exact, for products are float32.
/// </summary>
internal sealed class QuadraticInverse(RowSlabs slabs, Targets targets, bool penalizeIntercept, SpectralBasis basis, int threads) : IDisposable
{
    private readonly double column = ClassHessian.Column(penalizeIntercept, basis.MeanSquare);
    private readonly ClassHessian rowSide = new(slabs, ClassHessian.Column(penalizeIntercept, basis.MeanSquare));
    private double[]? columnSide;
    private Cholesky<double>? factor;
    private double factored;

    /// <summary>Whether a factor for these codes is kept; else the codes' spectrum has to do.</summary>
    public static bool Fits(RowSlabs slabs)
    {
        long side = Math.Min(slabs.Rows, slabs.Codes.Columns + 1);
        return side * side <= HeadPreconditioner.MostNumbers;
    }

    private bool IsByRows => slabs.Rows < slabs.Codes.Columns + 1;

    /// <summary>Sets <paramref name="result"/>, K x (D + 1), to the inverse times the residual.</summary>
    public void Solve(double c, double[] residual, double[] result)
    {
        if (factored != c)
        {
            Factor(c);
            factored = c;
        }

        var width = slabs.Codes.Columns + 1;
        Workers.For(targets.Classes, threads, (k, _) =>
        {
            var x = residual.AsSpan(k * width, width);
            var target = result.AsSpan(k * width, width);
            if (IsByRows && rowSide.IsReady)
            {
                rowSide.Solve(x, target);
            }
            else if (!IsByRows && factor is not null)
            {
                x.CopyTo(target);
                target[^1] *= column;
                factor.Solve(target);
                target[^1] *= column;
            }
            else
            {
                basis.Solve(c, x, target);
            }
        });
    }

    public void Dispose()
    {
        rowSide.Dispose();
        factor?.Dispose();
    }

    private void Factor(double c)
    {
        if (IsByRows)
        {
            int[] counting = [.. slabs.AllRows().Where(row => targets.Weight(row) > 0)];
            rowSide.Renew(counting, row => c * targets.Weight(row));
            return;
        }

        factor?.Dispose();
        var size = slabs.Codes.Columns + 1;
        var sums = columnSide ??= ColumnGram.Of(slabs, targets.Weight, column, threads);
        factor = Cholesky<double>.Of(size, (i, target) =>
        {
            for (var j = 0; j <= i; j++)
            {
                target[j] = c * sums[((long)i * size) + j];
            }

            target[i] += 1;
        });
    }
}
