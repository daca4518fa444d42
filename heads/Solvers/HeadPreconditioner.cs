using System.Numerics;

namespace OnnxTransfer.Heads;

/// <summary>
/// An approximate inverse of a head's Hessian, class by class: the codes' spectrum, or, for a separable loss and where
/// conjugate gradients have shown to need more work than a factorisation, the class's own Hessian.
/// </summary>
internal sealed class HeadPreconditioner(RowSlabs slabs, int classes, bool separable, bool penalizeIntercept, SpectralBasis basis, int threads)
    : IDisposable
{
    /// <summary>Numbers at most in all factors together, and as many in the copies they are made of.</summary>
    public const long MostNumbers = 1L << 26;

    // A pass is float32 arithmetic on all cores' caches, a factorisation float64 and less regular.
    private const double CostOfFactoring = 3;

    private readonly BlockHessian?[] factors = new BlockHessian?[classes];
    private readonly double[] bends = new double[classes];
    private readonly double interceptColumn = penalizeIntercept ? 1 : 10 * Math.Sqrt(1 + basis.MeanSquare);
    private int products;
    private int productsBySpectrum;
    private bool isStale = true;
    private bool hasFactors;

    /// <summary>Counts a product with the Hessian.</summary>
    public void CountProduct() => products++;

    /// <summary>The point has changed.</summary>
    public void Move()
    {
        if (!hasFactors && products > 0)
        {
            productsBySpectrum = products;
        }

        (products, isStale) = (0, true);
    }

    /// <summary>Approximates H^-1 times the residual.</summary>
    /// <param name="c">C.</param>
    /// <param name="curvatures">The losses' curvatures at the point, N x K.</param>
    /// <param name="diagonals">Their diagonals' sums, by slab and class.</param>
    /// <param name="residual">K x (D + 1).</param>
    /// <param name="result">K x (D + 1).</param>
    public void Solve<T>(double c, T[] curvatures, double[] diagonals, double[] residual, double[] result) where T : INumberBase<T>
    {
        if (isStale)
        {
            Renew(c, curvatures, diagonals);
        }

        var width = slabs.Codes.Columns + 1;
        Workers.For(classes, threads, (k, _) =>
        {
            var (x, target) = (residual.AsMemory(k * width, width), result.AsMemory(k * width, width));
            if (factors[k] is { } factor)
            {
                factor.Solve(x.Span, target.Span);
            }
            else
            {
                basis.Solve(c * bends[k], x.Span, target.Span);
            }
        });
    }

    public void Dispose() => Array.ForEach(factors, static factor => factor?.Dispose());

    private void Renew<T>(double c, T[] curvatures, double[] diagonals) where T : INumberBase<T>
    {
        isStale = false;
        Dispose();
        Array.Clear(factors);
        for (var k = 0; k < classes; k++)
        {
            bends[k] = 0;
            for (var slab = 0; slab < slabs.Count; slab++)
            {
                bends[k] += diagonals[(slab * classes) + k] / slabs.Rows;
            }
        }

        hasFactors = separable && productsBySpectrum > 0 && Factor(c, curvatures);
    }

    private bool Factor<T>(double c, T[] curvatures) where T : INumberBase<T>
    {
        var columns = slabs.Codes.Columns;
        var active = new List<int>[classes];
        for (var k = 0; k < classes; k++)
        {
            active[k] = [];
        }

        foreach (var row in slabs.AllRows())
        {
            for (var k = 0; k < classes; k++)
            {
                if (!T.IsZero(curvatures[(row * classes) + k]))
                {
                    active[k].Add(row);
                }
            }
        }

        var cost = active.Sum(rows => BlockHessian.Cost(rows.Count, columns));
        var room = active.Sum(rows => BlockHessian.Room(rows.Count, columns));
        var widest = (columns + 1L) * active.Max(static rows => rows.Count);
        if (room > MostNumbers || widest > MostNumbers || CostOfFactoring * cost > productsBySpectrum * 2.0 * slabs.Rows * columns * classes)
        {
            return false;
        }

        // The rows' copies in float64, one per thread, together need no more room than the factors may.
        Workers.For(classes, (int)Math.Min(threads, MostNumbers / Math.Max(1, widest)), (k, _) =>
        {
            if (active[k].Count > 0)
            {
                var h = c * double.CreateTruncating(curvatures[(active[k][0] * classes) + k]);
                factors[k] = BlockHessian.Of(slabs.Codes, slabs.Centre, [.. active[k]], h, interceptColumn);
            }
        });
        return true;
    }
}
