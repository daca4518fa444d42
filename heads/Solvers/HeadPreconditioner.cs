namespace OnnxTransfer.Heads;

/// <summary>
/// An approximate inverse of a head's Hessian, class by class: the codes' spectrum, or, where conjugate gradients have cost
/// more work by now than the factorisation will, the class's own Hessian.
/// </summary>
internal sealed class HeadPreconditioner(RowSlabs slabs, int classes, bool isCoupled, bool penalizeIntercept, SpectralBasis basis, int threads)
    : IDisposable
{
    /// <summary>Numbers at most in all factors together, and as many in the copies they are made of.</summary>
    public const long MostNumbers = 1L << 26;

    // The same for so many pairs that what is kept for each leaves little room for factors.
    private const long MostNumbersBesidePairs = 1L << 21;

    // Against a product over pairs, multiplication for multiplication: factors are float64 in part, and are applied as well.
    private const double CostOfFactoring = 1.5;

    // What a product costs beside its pairs, in multiplications: by weight for sums over slabs and for the steps of
    // conjugate gradients, and at all.
    private const double CostPerWeight = 50;
    private const double CostPerProduct = 2e6;

    private readonly ClassHessian[] factors = [.. Enumerable.Range(0, classes).Select(_ => new ClassHessian(slabs, ClassHessian.Column(penalizeIntercept, basis.MeanSquare)))];
    private readonly double[] bends = new double[classes];
    private int products;
    private double workBySpectrum;
    private double workOfProduct;
    private bool isStale = true;
    private bool hasFactors;

    /// <summary>Factor from the first step on: the point is near an optimum, and little is left for conjugate gradients to learn.</summary>
    public bool FactorsAtOnce { get; set; }

    /// <summary>Counts a product with the Hessian.</summary>
    public void CountProduct() => products++;

    /// <summary>The point has changed.</summary>
    public void Move()
    {
        workBySpectrum += hasFactors ? 0 : products * workOfProduct;
        (products, isStale) = (0, true);
    }

    /// <summary>Approximates H^-1 times the residual.</summary>
    /// <param name="c">C.</param>
    /// <param name="curvatures">The losses' curvatures at the point, N x K.</param>
    /// <param name="pairs">The pairs that bend.</param>
    /// <param name="residual">K x (D + 1).</param>
    /// <param name="result">K x (D + 1).</param>
    public void Solve(double c, float[] curvatures, ActivePairs pairs, double[] residual, double[] result)
    {
        if (isStale)
        {
            Renew(c, curvatures, pairs);
        }

        var width = slabs.Codes.Columns + 1;
        Workers.For(classes, threads, (k, _) =>
        {
            var x = residual.AsSpan(k * width, width);
            var target = result.AsSpan(k * width, width);
            if (factors[k].IsReady)
            {
                factors[k].Solve(x, target);
            }
            else
            {
                basis.Solve(c * bends[k], x, target);
            }
        });
        if (isCoupled)
        {
            TakeMeansOff(result);
        }
    }

    public void Dispose() => Array.ForEach(factors, static factor => factor.Dispose());

    /// <summary>
    /// Coupled classes leave the sum of all classes' weights to the penalty alone, of which single classes know nothing:
    /// it is zero at the optimum and stays so.
    /// </summary>
    private void TakeMeansOff(double[] result)
    {
        var width = slabs.Codes.Columns + 1;
        var mean = new double[width];
        for (var k = 0; k < classes; k++)
        {
            VectorArithmetic.AddScaled(1.0 / classes, result.AsSpan(k * width, width), mean);
        }

        for (var k = 0; k < classes; k++)
        {
            VectorArithmetic.AddScaled(-1, mean, result.AsSpan(k * width, width));
        }
    }

    /// <summary>The sums of the rows' curvatures, which classes that are coupled share in, by row.</summary>
    private float[] Sums(float[] curvatures)
    {
        if (!isCoupled)
        {
            return [];
        }

        var sums = new float[slabs.Codes.Rows];
        Workers.For(slabs.Count, threads, (slab, _) =>
        {
            foreach (var (first, rows) in slabs.Chunks(slab))
            {
                for (var row = first; row < first + rows; row++)
                {
                    var sum = 0f;
                    foreach (var curvature in curvatures.AsSpan(row * classes, classes))
                    {
                        sum += curvature;
                    }

                    sums[row] = sum;
                }
            }
        });
        return sums;
    }

    private void Renew(double c, float[] curvatures, ActivePairs pairs)
    {
        isStale = false;
        Array.ForEach(factors, static factor => factor.Forget());
        for (var k = 0; k < classes; k++)
        {
            bends[k] = pairs.Diagonals[k] / basis.Rows;
        }

        workOfProduct = (2.0 * slabs.Codes.Columns * (pairs.AreMany ? (double)slabs.Rows * classes : pairs.Count))
            + (CostPerWeight * classes * slabs.Codes.Columns) + CostPerProduct;
        hasFactors = (FactorsAtOnce || workBySpectrum > 0) && !pairs.AreMany && Factor(c, curvatures, pairs);
    }

    private bool Factor(double c, float[] curvatures, ActivePairs pairs)
    {
        var columns = slabs.Codes.Columns;
        var counts = pairs.CountsByClass();
        var widest = (columns + 1L) * counts.Max();
        var most = (long)slabs.Rows * classes > DualCoordinates.MostSmoothDuals ? MostNumbersBesidePairs : MostNumbers;
        if (counts.Sum(count => ClassHessian.Room(count, columns)) > most || widest > most)
        {
            return false;
        }

        var active = pairs.RowsByClass();
        var costs = new double[classes];
        Workers.For(classes, threads, (k, _) => costs[k] = factors[k].Cost(active[k]));
        if (!FactorsAtOnce && CostOfFactoring * costs.Sum() > workBySpectrum)
        {
            return false;
        }

        var sums = Sums(curvatures);

        // The rows' copies, one per thread, together need no more room than the factors may.
        Workers.For(classes, (int)Math.Min(threads, most / Math.Max(1, widest)), (k, _) =>
        {
            if (active[k].Length > 0)
            {
                factors[k].Renew(active[k], row => c * Curvature.Diagonal(curvatures[(row * classes) + k], isCoupled ? sums[row] : 0, isCoupled));
            }
        });
        return true;
    }
}
