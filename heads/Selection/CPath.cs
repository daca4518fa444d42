namespace OnnxTransfer.Heads;

/// <summary>What the path found.</summary>
/// <param name="C">The chosen C.</param>
/// <param name="Weights">Weights near the optimum at it (of one fold): a start for the final solve.</param>
/// <param name="Selection">What every C gave.</param>
internal sealed record CChoice(double C, double[] Weights, CSelection Selection);

/// <summary>
/// Chooses C by cross-validation: C rises along the grid, every fold starts at its last optimum, and
/// <see cref="SelectionOptions.Rule"/> takes one of the C from their means over the folds.
/// </summary>
/// <remarks>
/// On a grid that hangs on the codes the path ends early when three C in a row, the first with C V of at least 1, gave no
/// new best. The first repeat decides that, and the others follow it.
/// </remarks>
internal static class CPath
{
    private const int Patience = 3;

    /// <summary>Runs the path on the codes as training reads them.</summary>
    public static CChoice Choose(
        CodeView codes, Targets targets, HeadOptions options, CancellationToken cancellation)
    {
        var selection = options.Selection;
        selection.Check();
        var grid = selection.Cs is { } given ? [.. given.Distinct().Order()] : CGrid.Of(codes);
        int[] truth = [.. Enumerable.Range(0, targets.Rows).Select(targets.Truth)];
        var points = new List<PathPoint>();
        for (var repeat = 0; repeat < selection.Repeats; repeat++)
        {
            var folds = Folds.Of(truth, targets.Classes, unchecked(options.Seed + repeat), selection.Folds, selection.Groups);
            using var round = new Round(codes, targets, folds, options, cancellation);
            if (repeat > 0)
            {
                points.ForEach(round.Run);
                continue;
            }

            while (points.Count < grid.Length && !(selection.Cs is null && Ended(points, selection.Metric)))
            {
                points.Add(new PathPoint(grid[points.Count], folds.Count, targets.Rows));
                round.Run(points[^1]);
            }
        }

        CCandidate[] candidates = [.. points.Select(static point => point.Candidate())];
        var chosen = CRules.Choose(candidates, selection.Metric, selection.Rule);
        return new CChoice(candidates[chosen].C, points[chosen].Weights, new CSelection(points[0].Folds, candidates)
        {
            Repeats = selection.Repeats,
            Metric = selection.Metric,
            Rule = selection.Rule,
            HeldOutPredictions = points[chosen].Predictions,
        });
    }

    private static bool Ended(List<PathPoint> points, SelectionMetric metric) =>
        points.Count > CGrid.Middle + Patience
        && points.Count - 1 - CRules.Choose([.. points.Select(static point => point.Candidate())], metric, SelectionRule.Best) >= Patience;

    /// <summary>One C and what its folds gave so far.</summary>
    private sealed class PathPoint(double c, int folds, int rows)
    {
        private readonly int[] predictions = [.. Enumerable.Repeat(-1, rows)];
        private readonly List<double> values = [];
        private double correct, images, weighted;

        public double C => c;

        public int Folds => folds;

        /// <summary>The optimum of the first fold of the first repeat.</summary>
        public double[] Weights { get; private set; } = [];

        /// <summary>What the folds of the first repeat took their rows for.</summary>
        public IReadOnlyList<int> Predictions => predictions;

        public void Add(FoldRun run, ReadOnlySpan<int> heldOut, int classes, SelectionMetric metric)
        {
            for (var i = 0; i < heldOut.Length && values.Count < folds; i++)
            {
                predictions[heldOut[i]] = run.Outcomes[i].Predicted;
            }

            var tally = Tally.Of(run.Outcomes, classes);
            Weights = values.Count == 0 ? [.. run.Weights] : Weights;
            values.Add(tally.Of(metric));
            weighted += values[^1] * run.Outcomes.Length;
            correct += tally.Correct;
            images += run.Outcomes.Length;
        }

        public CCandidate Candidate()
        {
            var mean = values.Average();
            var deviation = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
            var imagesOfARepeat = images * folds / values.Count;
            return new CCandidate(c, correct / images, Interval.OfShare(correct / images, imagesOfARepeat))
            {
                Score = weighted / images,
                StandardError = deviation / Math.Sqrt(folds),
            };
        }
    }

    /// <summary>The folds of one repeat.</summary>
    private sealed class Round : IDisposable
    {
        private readonly FoldRun[] runs;
        private readonly float[][] curvatures;
        private readonly Folds folds;
        private readonly int classes;
        private readonly HeadOptions options;
        private readonly CancellationToken cancellation;

        public Round(
            CodeView codes, Targets targets, Folds folds, HeadOptions options, CancellationToken cancellation)
        {
            (this.folds, classes, this.options, this.cancellation) = (folds, targets.Classes, options, cancellation);
            var threads = Workers.Count(options.Threads);
            var ordered = codes.Select(folds.Order).Held(threads);
            var orderedTargets = targets.Select(folds.Order);
            var basis = SpectralBasis.Of(new RowSlabs(ordered, (0, ordered.Rows)), threads, cancellation);
            runs = new FoldRun[folds.Count];
            curvatures = new float[Math.Min(threads, runs.Length)][];
            Array.Fill(curvatures, []);
            try
            {
                for (var fold = 0; fold < runs.Length; fold++)
                {
                    runs[fold] = new FoldRun(
                        ordered, orderedTargets, folds.Training(fold), folds.HeldOut(fold), options, basis,
                        Math.Max(1, threads / runs.Length));
                }
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        /// <summary>Moves every fold to a C and notes what it gave.</summary>
        public void Run(PathPoint point)
        {
            Workers.For(runs.Length, curvatures.Length, (fold, worker) =>
                runs[fold].MoveTo(point.C, ref curvatures[worker], options.MaxPasses, cancellation));
            for (var fold = 0; fold < runs.Length; fold++)
            {
                var (first, end) = folds.HeldOut(fold);
                point.Add(runs[fold], folds.Order.AsSpan(first, end - first), classes, options.Selection.Metric);
            }
        }

        public void Dispose() => Array.ForEach(runs, static run => run?.Dispose());
    }
}
