namespace OnnxTransfer.Heads;

/// <summary>What the path found.</summary>
/// <param name="C">The best C.</param>
/// <param name="Weights">Weights near the optimum at it (of one fold): a start for the final solve.</param>
/// <param name="Basis">The spectrum of the codes.</param>
/// <param name="Selection">What every C gave.</param>
internal sealed record CChoice(double C, double[] Weights, SpectralBasis Basis, CSelection Selection);

/// <summary>
/// Chooses C by stratified cross-validation: C rises in half decades, every fold starts at its last optimum, the best
/// pooled accuracy wins and of equals the smallest C.
/// </summary>
/// <remarks>
/// <para>Scaling codes by a is the same as scaling C by a^2, so the grid hangs on the codes: C = 10^(j/2) with C V from about
/// 0.03 to 30,000, V the mean squared distance of a code from the mean code (D where codes are standardised).</para>
/// <para>The path ends early when three C in a row, the first with C V of at least 1, gave no new best.</para>
/// </remarks>
internal static class CPath
{
    private const int FirstHalfDecade = -3;
    private const int LastHalfDecade = 9;
    private const int Patience = 3;
    private const double Gap = 1e-2;

    /// <summary>Runs the path on the codes, less <paramref name="centre"/> where there is one.</summary>
    public static CChoice Choose(
        CodeMatrix codes, float[]? centre, Targets targets, HeadOptions options, CancellationToken cancellation)
    {
        int[] truth = [.. Enumerable.Range(0, targets.Rows).Select(targets.Truth)];
        var folds = Folds.Of(truth, targets.Classes, options.Seed);
        var threads = Workers.Count(options.Threads);
        var ordered = codes.Select(folds.Order);
        ordered = centre is null ? ordered : Centre.TakenOff(ordered, centre, threads);
        var basis = SpectralBasis.Of(new RowSlabs(ordered, (0, ordered.Rows)), threads, cancellation);
        var runs = new FoldRun[folds.Count];
        try
        {
            for (var fold = 0; fold < runs.Length; fold++)
            {
                runs[fold] = new FoldRun(
                    ordered, targets.Select(folds.Order), folds.Training(fold), folds.HeldOut(fold), options, basis,
                    Math.Max(1, threads / runs.Length));
            }

            var middle = (int)Math.Round(-2 * Math.Log10(Spread(ordered)));
            var curvatures = new float[Math.Min(threads, runs.Length)][];
            Array.Fill(curvatures, []);
            var candidates = new List<CCandidate>();
            var best = -1;
            var weights = Array.Empty<double>();
            for (var half = FirstHalfDecade; half <= LastHalfDecade && !Ended(candidates.Count, best, half); half++)
            {
                var c = Math.Pow(10, (middle + half) / 2.0);
                var correct = new int[runs.Length];
                Workers.For(runs.Length, threads, (fold, worker) =>
                    correct[fold] = runs[fold].Correct(c, ref curvatures[worker], options.MaxPasses, cancellation));
                var heldOut = ordered.Rows - folds.HeldOut(0).First;
                var accuracy = (double)correct.Sum() / heldOut;
                if (best < 0 || accuracy > candidates[best].Accuracy)
                {
                    best = candidates.Count;
                    weights = [.. runs[0].Weights];
                }

                candidates.Add(new CCandidate(c, accuracy, Interval.Wilson(correct.Sum(), heldOut)));
            }

            return new CChoice(candidates[best].C, weights, basis, new CSelection(folds.Count, candidates));
        }
        finally
        {
            Array.ForEach(runs, static run => run?.Dispose());
        }
    }

    private static bool Ended(int tried, int best, int half) => half > Patience && tried - 1 - best >= Patience;

    /// <summary>The mean squared distance of a code from the mean code; 1 where all are alike.</summary>
    private static double Spread(CodeMatrix codes)
    {
        var mean = new double[codes.Columns];
        for (var row = 0; row < codes.Rows; row++)
        {
            VectorArithmetic.AddWidened(codes.Row(row), mean);
        }

        foreach (ref var value in mean.AsSpan())
        {
            value /= codes.Rows;
        }

        var sum = 0.0;
        for (var row = 0; row < codes.Rows; row++)
        {
            var code = codes.Row(row);
            for (var d = 0; d < code.Length; d++)
            {
                var difference = code[d] - mean[d];
                sum += difference * difference;
            }
        }

        return sum > 0 ? sum / codes.Rows : 1;
    }

    /// <summary>One fold on its way along the path.</summary>
    private sealed class FoldRun : IDisposable
    {
        private readonly HeadPath path;
        private readonly CodePass<float> scoring;
        private readonly Targets targets;
        private int correct;

        public FoldRun(
            CodeMatrix codes, Targets targets, (int First, int End)[] training, (int First, int End) heldOut, HeadOptions options,
            SpectralBasis basis, int threads)
        {
            this.targets = targets;
            path = new HeadPath(new RowSlabs(codes, training), targets, options, basis, threads);
            scoring = new CodePass<float>(new RowSlabs(codes, heldOut), targets.Classes, threads);
        }

        /// <summary>The last optimum.</summary>
        public double[] Weights => path.Weights;

        /// <summary>
        /// Moves to the optimum at a C and counts the held-out rows it predicts right. The curvatures are room that folds
        /// use in turn.
        /// </summary>
        public int Correct(double c, ref float[] curvatures, int mostPasses, CancellationToken cancellation)
        {
            path.MoveTo(c, Gap, mostPasses, ref curvatures, cancellation);
            correct = 0;
            scoring.Run(Weights, Count, default);
            return correct;
        }

        public void Dispose()
        {
            path.Dispose();
            scoring.Dispose();
        }

        private void Count(int slab, int first, int rows, Span<float> scores, int stride)
        {
            var found = 0;
            for (var i = 0; i < rows; i++)
            {
                found += First.OfLargest<float>(scores.Slice(i * stride, targets.Classes)) == targets.Truth(first + i) ? 1 : 0;
            }

            Interlocked.Add(ref correct, found);
        }
    }
}
