namespace OnnxTransfer.Heads;

/// <summary>One fold on its way along the path of C: every optimum is the start of the next.</summary>
internal sealed class FoldRun : IDisposable
{
    private const double Gap = 1e-2;

    private readonly HeadProblem<float> problem;
    private readonly CodePass<float> scoring;
    private readonly int[] truth;
    private readonly int classes;
    private readonly int heldOut;

    /// <summary>A fold of codes that lie in the order of the folds.</summary>
    public FoldRun(
        CodeMatrix codes, float[]? centre, int[] truth, int classes, (int First, int End)[] training, (int First, int End) heldOut,
        HeadOptions options, SpectralBasis basis, int threads)
    {
        (this.truth, this.classes, this.heldOut) = (truth, classes, heldOut.First);
        problem = new HeadProblem<float>(
            new RowSlabs(codes, training) { Centre = centre }, truth, classes, LossFunction.Of(options.Loss),
            options.RegularizeIntercept, basis, threads);
        scoring = new CodePass<float>(new RowSlabs(codes, heldOut) { Centre = centre }, classes, threads);
        Weights = new double[problem.Smooth.Size];
        Outcomes = new Outcome[heldOut.End - heldOut.First];
    }

    /// <summary>The last optimum.</summary>
    public double[] Weights { get; }

    /// <summary>The held-out rows, judged at the last optimum.</summary>
    public Outcome[] Outcomes { get; }

    /// <summary>Moves to the optimum at a C. The curvatures are room that folds use in turn.</summary>
    public void MoveTo(double c, ref float[] curvatures, int mostPasses, CancellationToken cancellation)
    {
        (problem.C, problem.Curvatures) = (c, curvatures);
        TruncatedNewton.Minimise(problem.Smooth, Weights, value => HeadSolver.Tolerance(value, Gap), mostPasses, cancellation);
        (curvatures, problem.Curvatures) = (problem.Curvatures, []);
        scoring.Run(Weights, Judge, default);
    }

    public void Dispose()
    {
        problem.Dispose();
        scoring.Dispose();
    }

    private void Judge(int slab, int first, int rows, Span<float> scores, int stride)
    {
        var widened = new double[classes];
        for (var i = 0; i < rows; i++)
        {
            for (var k = 0; k < classes; k++)
            {
                widened[k] = scores[(i * stride) + k];
            }

            Outcomes[first + i - heldOut] = Outcome.OfScores(truth[first + i], widened);
        }
    }
}
