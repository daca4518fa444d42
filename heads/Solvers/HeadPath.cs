namespace OnnxTransfer.Heads;

/// <summary>One problem followed along rising C: each optimum is the start of the next. A one-vs-rest hinge goes through its dual first.</summary>
internal sealed class HeadPath : IDisposable
{
    // On the way a C that is this hard is not worth more: its accuracy is that of weights near by.
    private const int MostProximalPasses = 500;

    private readonly HeadHessian? hessian;
    private readonly HeadProblem<float>? problem;
    private readonly ProximalPoint? proximal;
    private readonly DualCoordinates? dual;
    private readonly FreeIntercepts? intercepts;

    /// <summary>A path that starts at zero weights.</summary>
    /// <param name="slabs">The rows to train on.</param>
    /// <param name="targets">What is true of all rows of the codes.</param>
    /// <param name="options">Loss and penalty.</param>
    /// <param name="basis">The codes' spectrum.</param>
    /// <param name="threads">Threads.</param>
    public HeadPath(RowSlabs slabs, Targets targets, HeadOptions options, SpectralBasis basis, int threads)
    {
        var loss = LossFunction.Of(options.Loss, targets);
        Weights = new double[targets.Classes * (slabs.Codes.Columns + 1)];
        if (loss.IsSmooth)
        {
            hessian = new HeadHessian(slabs, loss, options.RegularizeIntercept, basis, threads);
            problem = new HeadProblem<float>(slabs, loss, options.RegularizeIntercept, hessian, threads);
            intercepts = options.RegularizeIntercept ? null : new FreeIntercepts(slabs, targets, options.Loss, threads);
        }
        else
        {
            proximal = new ProximalPoint(options.Loss, targets, slabs, slabs, options.RegularizeIntercept, basis, threads);
            dual = DualCoordinates.CanSolve(options.Loss, slabs.Rows, targets.Classes)
                ? new DualCoordinates(slabs, slabs, targets, options.Loss, options.RegularizeIntercept, 1, basis, threads)
                : null;
        }
    }

    /// <summary>K x (D + 1): the last optimum.</summary>
    public double[] Weights { get; }

    /// <summary>
    /// Moves to the optimum at a C, to about a relative gap, with the best intercepts for the weights, as the head has them that is
    /// proved: where C is small, intercepts are worth less than any gap and predictions depend on them alone.
    /// </summary>
    /// <param name="c">C.</param>
    /// <param name="gap">The gap.</param>
    /// <param name="mostPasses">Passes at most.</param>
    /// <param name="curvatures">Room for curvatures, that paths use in turn.</param>
    /// <param name="cancellation">Ends the solve.</param>
    public void MoveTo(double c, double gap, int mostPasses, ref float[] curvatures, CancellationToken cancellation)
    {
        if (dual is not null)
        {
            var isReached = dual.MoveTo(c, gap, mostPasses, cancellation);
            dual.Weights.CopyTo(Weights, 0);
            if (isReached)
            {
                return;
            }

            dual.Slopes().CopyTo(proximal!.Multipliers, 0);
        }

        if (proximal is not null)
        {
            proximal.Minimise(c, Weights, gap, Math.Min(mostPasses, MostProximalPasses), cancellation);
            return;
        }

        (hessian!.C, hessian.Curvatures) = (c, curvatures);
        TruncatedNewton.Minimise(problem!.Smooth, Weights, value => HeadSolver.Tolerance(value, gap), mostPasses, cancellation);
        curvatures = hessian.Curvatures;
        hessian.Release();
        intercepts?.Set(Weights, cancellation);
    }

    public void Dispose()
    {
        dual?.Dispose();
        proximal?.Dispose();
        hessian?.Dispose();
        problem?.Dispose();
        intercepts?.Dispose();
    }
}
