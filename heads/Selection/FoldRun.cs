namespace OnnxTransfer.Heads;

/// <summary>One fold on its way along the path of C: every optimum is the start of the next.</summary>
internal sealed class FoldRun : IDisposable
{
    private const double Gap = 1e-2;

    private readonly HeadPath path;
    private readonly CodePass<float> scoring;
    private readonly Targets targets;
    private readonly int heldOut;

    /// <summary>A fold of codes that lie in the order of the folds.</summary>
    public FoldRun(
        CodeView codes, Targets targets, (int First, int End)[] training, (int First, int End) heldOut, HeadOptions options,
        SpectralBasis basis, int threads)
    {
        (this.targets, this.heldOut) = (targets, heldOut.First);
        path = new HeadPath(new RowSlabs(codes, training), targets, options, basis, threads);
        scoring = new CodePass<float>(new RowSlabs(codes, heldOut), targets.Classes, threads);
        Outcomes = new Outcome[heldOut.End - heldOut.First];
    }

    /// <summary>The last optimum.</summary>
    public double[] Weights => path.Weights;

    /// <summary>The held-out rows, judged at the last optimum.</summary>
    public Outcome[] Outcomes { get; }

    /// <summary>Moves to the optimum at a C. The curvatures are room that folds use in turn.</summary>
    public void MoveTo(double c, ref float[] curvatures, int mostPasses, CancellationToken cancellation)
    {
        path.MoveTo(c, Gap, mostPasses, ref curvatures, cancellation);
        scoring.Run(Weights, Judge, default);
    }

    public void Dispose()
    {
        path.Dispose();
        scoring.Dispose();
    }

    private void Judge(int slab, int first, int rows, Span<float> scores, int stride)
    {
        var widened = new double[targets.Classes];
        for (var i = 0; i < rows; i++)
        {
            for (var k = 0; k < targets.Classes; k++)
            {
                widened[k] = scores[(i * stride) + k];
            }

            Outcomes[first + i - heldOut] = Outcome.OfScores(targets.Truth(first + i), widened);
        }
    }
}
