namespace OnnxTransfer.Heads;

/// <summary>
/// Minimises a head's objective with a loss that is not smooth, hinge or Crammer and Singer's, by the method of
/// multipliers: the loss is smoothed around dual variables, Newton's method minimises that, the smoothed loss's slopes are
/// the next dual variables (Rockafellar, 1976; for the svm Yan and Li, 2020). Each round costs few steps, for few pairs
/// of a row and a class lie where the smoothed loss bends.
/// </summary>
internal sealed class ProximalPoint : IDisposable
{
    private const double Growth = 4;
    private const double SlowDecrease = 0.2;

    // C sigma, the second derivative where the smoothed loss bends, times the mean ||x||^2: at first 1, the size of the
    // penalty's, and at most what float32 products can still tell from it, which is less without factors for each class.
    private const double MostSeparable = 1e5;
    private const double MostCoupled = 1e4;
    // Sigma itself at most: the losses bend over 1 / sigma of a score, and rows that tie there are hard to tell apart.
    private const double MostBend = 1e4;
    private const double ShareOfLastGap = 0.1;
    private const double ShareOfGap = 0.3;
    private const double StageGap = 3e-2;

    private readonly Func<float[], double, LossFunction> smoothed;
    private readonly LossFunction loss;
    private readonly RowSlabs exact, work;
    private readonly bool penalizeIntercept;
    private readonly int threads;
    private readonly HeadHessian hessian;
    private readonly double mostRho;
    private double lastC;
    private double last;
    private double rho;
    private bool needsFloat64;

    /// <summary>A solver that starts without dual variables.</summary>
    /// <param name="kind">Hinge or Crammer and Singer's loss.</param>
    /// <param name="targets">What is true of the rows.</param>
    /// <param name="exact">The codes, for float64.</param>
    /// <param name="work">The same, for float32.</param>
    /// <param name="penalizeIntercept">Whether the intercept is penalised.</param>
    /// <param name="basis">The codes' spectrum.</param>
    /// <param name="threads">Threads.</param>
    public ProximalPoint(
        HeadLoss kind, Targets targets, RowSlabs exact, RowSlabs work, bool penalizeIntercept, SpectralBasis basis, int threads)
    {
        (this.exact, this.work, this.penalizeIntercept, this.threads) = (exact, work, penalizeIntercept, threads);
        loss = LossFunction.Of(kind, targets);
        rho = 1 / (1 + basis.MeanSquare);
        mostRho = (loss.Separable ? MostSeparable : MostCoupled) * rho;
        smoothed = kind == HeadLoss.Hinge
            ? (slopes, sigma) => HingeLoss.Smoothed(targets, slopes, sigma)
            : (slopes, sigma) => CrammerSingerLoss.Smoothed(targets, slopes, sigma);
        Multipliers = new float[exact.Codes.Rows * targets.Classes];
        hessian = new HeadHessian(work, loss, penalizeIntercept, basis, threads);
    }

    /// <summary>The dual variables: weighted slopes in the range of the loss's derivative, N x K.</summary>
    public float[] Multipliers { get; }

    /// <summary>Moves weights to where the estimated gap is at most the wanted one.</summary>
    /// <returns>The passes it took.</returns>
    public int Minimise(double c, double[] w, double gap, int mostPasses, CancellationToken cancellation)
    {
        var (passes, loosest) = (0, StageGap);
        last = c == lastC ? last : double.PositiveInfinity;
        lastC = c;
        while (passes < mostPasses)
        {
            var sigma = Math.Min(rho / c, MostBend);
            hessian.C = c;
            var inner = Math.Max(ShareOfGap * gap, Math.Min(loosest, ShareOfLastGap * last));
            var (spent, reached) = Step(smoothed(Multipliers, sigma), w, inner, mostPasses - passes, cancellation);
            var estimate = Update(smoothed(Multipliers, sigma), c, w, cancellation);
            passes += spent + 1;
            if (estimate <= gap || (needsFloat64 && !reached))
            {
                break;
            }

            // A tolerance that is met at once moves nothing.
            loosest *= spent > 1 ? 1 : ShareOfLastGap;
            needsFloat64 |= !reached;
            rho = Math.Min(mostRho, rho * (estimate > SlowDecrease * last ? Growth : 1));
            last = Math.Min(last, estimate);
        }

        return passes;
    }

    public void Dispose() => hessian.Dispose();

    private (int Passes, bool Reached) Step(LossFunction smooth, double[] w, double gap, int mostPasses, CancellationToken cancellation)
    {
        double Tolerance(double value) => HeadSolver.Tolerance(value, gap);
        if (needsFloat64)
        {
            using var twice = new HeadProblem<double>(exact, smooth, penalizeIntercept, hessian, threads);
            return TruncatedNewton.Minimise(twice.Smooth, w, Tolerance, mostPasses, cancellation);
        }

        using var single = new HeadProblem<float>(work, smooth, penalizeIntercept, hessian, threads);
        return TruncatedNewton.Minimise(single.Smooth, w, Tolerance, mostPasses, cancellation);
    }

    /// <summary>Takes the smoothed loss's slopes, at their best intercepts, as dual variables.</summary>
    /// <returns>The gap that is left.</returns>
    private double Update(LossFunction smooth, double c, double[] w, CancellationToken cancellation)
    {
        var (objective, bound) = needsFloat64
            ? DualCertificate.Of<double>(exact, loss, penalizeIntercept, c, w, smooth, Multipliers, threads, cancellation)
            : DualCertificate.Of<float>(work, loss, penalizeIntercept, c, w, smooth, Multipliers, threads, cancellation);
        return bound > 0 ? Math.Abs(objective - bound) / bound : double.PositiveInfinity;
    }
}
