namespace OnnxTransfer.Heads;

/// <summary>
/// Newton's method whose steps are solved by preconditioned conjugate gradients, only as well as they deserve (Dembo and
/// Steihaug, 1983), with a backtracking line search in every block of the problem.
/// </summary>
internal sealed class TruncatedNewton
{
    private const int MostInnerIterations = 500;
    private const double ShortestStep = 1e-10;
    private const double SufficientDecrease = 1e-4;
    private const int MostIdleSteps = 3;

    private readonly SmoothProblem problem;
    private readonly Func<double, double> tolerance;
    private readonly ConjugateGradients inner;
    private readonly double[] step, trial, trialGradient, trialValues;
    private readonly double[] values, norms, firstNorms, tolerances;
    private readonly double[] gradient, lastValues, leastNorms;

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

    /// <summary>Goes along the step, in every block as far as its value allows; leaves the problem evaluated at the new w.</summary>
    private (bool Moved, int Evaluations) Move(double[] w, CancellationToken cancellation)
    {
        var lengths = new double[problem.Blocks];
        var accepted = new bool[problem.Blocks];
        var slopes = new double[problem.Blocks];
        for (var block = 0; block < slopes.Length; block++)
        {
            slopes[block] = VectorArithmetic.Dot(problem.Block(gradient, block), problem.Block(step, block));
            lengths[block] = slopes[block] < 0 ? 1 : 0;
        }

        var evaluations = 0;
        do
        {
            cancellation.ThrowIfCancellationRequested();
            w.CopyTo(trial, 0);
            for (var block = 0; block < lengths.Length; block++)
            {
                VectorArithmetic.AddScaled(lengths[block], problem.Block(step, block), problem.Block(trial, block));
            }

            problem.Evaluate(trial, trialGradient, trialValues);
            evaluations++;
            for (var block = 0; block < lengths.Length; block++)
            {
                if (!accepted[block])
                {
                    var nextSlope = VectorArithmetic.Dot(problem.Block(trialGradient, block), problem.Block(step, block));
                    accepted[block] = lengths[block] == 0
                        || Accepts(values[block], trialValues[block], lengths[block] * slopes[block], lengths[block] * nextSlope);
                    lengths[block] = accepted[block] ? lengths[block] : lengths[block] > ShortestStep ? lengths[block] / 2 : 0;
                }
            }
        }
        while (accepted.Contains(false));

        trial.CopyTo(w, 0);
        trialGradient.CopyTo(gradient, 0);
        trialValues.CopyTo(values, 0);
        return (lengths.Any(static length => length > 0), evaluations);
    }

    /// <summary>Armijo's rule, or where values are noise the approximate Wolfe rule of Hager and Zhang (2005).</summary>
    private bool Accepts(double value, double next, double slope, double nextSlope) =>
        next <= value + (SufficientDecrease * slope)
        || (next <= value + (problem.Noise * Math.Abs(value)) && nextSlope <= -0.8 * slope && nextSlope >= 2 * slope);

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
