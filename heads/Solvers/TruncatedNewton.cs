namespace OnnxTransfer.Heads;

/// <summary>
/// Newton's method whose steps are solved by preconditioned conjugate gradients, only as well as they deserve (Dembo and
/// Steihaug, 1983), with a backtracking line search in every block of the problem.
/// </summary>
internal sealed class TruncatedNewton
{
    private const int MostInnerIterations = 500;
    private const int MostIdleSteps = 3;

    private readonly SmoothProblem problem;
    private readonly Func<double, double> tolerance;
    private readonly ConjugateGradients inner;
    private readonly double[] step, trial, trialGradient, trialValues;
    private readonly double[] values, norms, firstNorms, tolerances;
    private readonly double[] gradient, lastValues, leastNorms;
    private readonly LineSearch[] searches;

    private TruncatedNewton(SmoothProblem problem, Func<double, double> tolerance)
    {
        (this.problem, this.tolerance) = (problem, tolerance);
        inner = new ConjugateGradients(problem);
        (step, gradient) = (new double[problem.Size], new double[problem.Size]);
        (trial, trialGradient) = (new double[problem.Size], new double[problem.Size]);
        (values, trialValues) = (new double[problem.Blocks], new double[problem.Blocks]);
        (norms, firstNorms) = (new double[problem.Blocks], new double[problem.Blocks]);
        tolerances = new double[problem.Blocks];
        (lastValues, leastNorms) = (new double[problem.Blocks], new double[problem.Blocks]);
        searches = new LineSearch[problem.Blocks];
    }

    /// <summary>Minimises from <paramref name="w"/> on, in place.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="w">Start and result.</param>
    /// <param name="tolerance">The norm of a block's gradient that is small enough, from the block's value.</param>
    /// <param name="mostPasses">Evaluations and Hessian products at most.</param>
    /// <param name="cancellation">Looked at before every one of them.</param>
    /// <returns>The passes it took, and whether every block's gradient is small enough.</returns>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Mathematics"/>: the value is not finite.</exception>
    public static (int Passes, bool Reached) Minimise(
        SmoothProblem problem, double[] w, Func<double, double> tolerance, int mostPasses, CancellationToken cancellation) =>
        new TruncatedNewton(problem, tolerance).Run(w, mostPasses, cancellation);

    private (int Passes, bool Reached) Run(double[] w, int mostPasses, CancellationToken cancellation)
    {
        problem.Evaluate(w, gradient, values);
        if (!values.All(double.IsFinite))
        {
            throw new OnnxTransferException(
                FailureKind.Mathematics, "The objective is not finite: the codes are too large; standardise or scale them.");
        }

        SetNorms();
        norms.CopyTo(firstNorms, 0);
        norms.CopyTo(leastNorms, 0);
        var (passes, idle) = (1, 0);
        var moves = true;
        while (moves && idle < MostIdleSteps && !Reached() && passes < mostPasses)
        {
            for (var block = 0; block < norms.Length; block++)
            {
                var wanted = tolerance(values[block]);
                var forcing = Math.Min(0.25, Math.Sqrt(norms[block] / firstNorms[block])) * norms[block];
                tolerances[block] = norms[block] <= wanted ? double.PositiveInfinity : Math.Max(forcing, 0.5 * wanted);
            }

            passes += inner.Solve(gradient, step, tolerances, Math.Min(MostInnerIterations, mostPasses - passes), cancellation);
            values.CopyTo(lastValues, 0);
            (moves, var evaluations) = Move(w, cancellation);
            passes += evaluations;
            SetNorms();
            idle = Progresses() ? 0 : idle + 1;
        }

        return (passes, Reached());
    }

    /// <summary>
    /// Goes along the step, in every block as far as its value allows and, once a length was too much, not so little that
    /// the slope stays steep; leaves the problem evaluated at the new w.
    /// </summary>
    private (bool Moved, int Evaluations) Move(double[] w, CancellationToken cancellation)
    {
        for (var block = 0; block < searches.Length; block++)
        {
            var slope = VectorArithmetic.Dot(problem.Block(gradient, block), problem.Block(step, block));
            searches[block] = new LineSearch(values[block], slope, problem.Noise);
        }

        var evaluations = 0;
        do
        {
            cancellation.ThrowIfCancellationRequested();
            w.CopyTo(trial, 0);
            for (var block = 0; block < searches.Length; block++)
            {
                VectorArithmetic.AddScaled(searches[block].Length, problem.Block(step, block), problem.Block(trial, block));
            }

            problem.Evaluate(trial, trialGradient, trialValues);
            evaluations++;
            for (var block = 0; block < searches.Length; block++)
            {
                searches[block].Try(
                    trialValues[block], VectorArithmetic.Dot(problem.Block(trialGradient, block), problem.Block(step, block)));
            }
        }
        while (!Array.TrueForAll(searches, static search => search.IsDone));

        trial.CopyTo(w, 0);
        trialGradient.CopyTo(gradient, 0);
        trialValues.CopyTo(values, 0);
        return (Array.Exists(searches, static search => search.Length > 0), evaluations);
    }

    /// <summary>Whether a block that is not done yet has a value or a gradient that is less than before by more than noise.</summary>
    private bool Progresses()
    {
        var progresses = false;
        for (var block = 0; block < norms.Length; block++)
        {
            progresses |= norms[block] > tolerance(values[block])
                && (lastValues[block] - values[block] > problem.Noise * Math.Abs(values[block]) || norms[block] < 0.9 * leastNorms[block]);
            leastNorms[block] = Math.Min(leastNorms[block], norms[block]);
        }

        return progresses;
    }

    private bool Reached()
    {
        for (var block = 0; block < norms.Length; block++)
        {
            if (!(norms[block] <= tolerance(values[block])))
            {
                return false;
            }
        }

        return true;
    }

    private void SetNorms()
    {
        for (var block = 0; block < norms.Length; block++)
        {
            norms[block] = Math.Sqrt(VectorArithmetic.Dot(problem.Block(gradient, block), problem.Block(gradient, block)));
        }
    }
}
