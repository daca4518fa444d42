namespace OnnxTransfer.Heads;

/// <summary>
/// The percentile bootstrap (Efron, 1979): images, or whole groups of them, are drawn with replacement as many as there
/// are, a thousand times; the interval is what the middle 95 % of the metric's values span.
/// </summary>
internal static class Bootstrap
{
    /// <summary>The number of draws.</summary>
    public const int Resamples = 1000;

    private const double Tail = 0.025;

    /// <summary>The intervals of some metrics, all from the same draws; the draws are the same every time.</summary>
    /// <param name="outcomes">The images.</param>
    /// <param name="classes">K.</param>
    /// <param name="groups">A number per image; null: every image is drawn on its own.</param>
    /// <param name="metrics">From a draw to a value.</param>
    public static Interval[] Intervals(
        Outcome[] outcomes, int classes, IReadOnlyList<int>? groups, params Func<Tally, double>[] metrics)
    {
        var losses = Array.ConvertAll(outcomes, static outcome => outcome.Loss);
        var (order, starts) = Units(outcomes.Length, groups);
        var values = Array.ConvertAll(metrics, static _ => new double[Resamples]);
        var threads = Workers.Count(0);
        var tallies = new Tally?[threads];
        Workers.For(Resamples, threads, (resample, worker) =>
        {
            var tally = tallies[worker] ??= new Tally(classes);
            tally.Clear();
            for (var draw = 0; draw < starts.Length - 1; draw++)
            {
                var unit = Math.BigMul(Hash.Mix(((ulong)resample << 32) | (uint)draw), (ulong)(starts.Length - 1), out _);
                for (var at = starts[unit]; at < starts[unit + 1]; at++)
                {
                    tally.Add(outcomes[order[at]], losses[order[at]]);
                }
            }

            for (var metric = 0; metric < metrics.Length; metric++)
            {
                values[metric][resample] = metrics[metric](tally);
            }
        });
        return Array.ConvertAll(values, static of =>
        {
            Array.Sort(of);
            return new Interval(Quantile(of, Tail), Quantile(of, 1 - Tail));
        });
    }

    /// <summary>The rows group by group, and where in them each group starts.</summary>
    private static (int[] Order, int[] Starts) Units(int rows, IReadOnlyList<int>? groups)
    {
        var units = Enumerable.Range(0, rows).GroupBy(row => groups?[row] ?? row).Select(static unit => unit.ToArray()).ToArray();
        var starts = new int[units.Length + 1];
        for (var unit = 0; unit < units.Length; unit++)
        {
            starts[unit + 1] = starts[unit] + units[unit].Length;
        }

        return ([.. units.SelectMany(static unit => unit)], starts);
    }

    /// <summary>Between the two nearest of the sorted values, linearly.</summary>
    private static double Quantile(double[] sorted, double share)
    {
        var at = share * (sorted.Length - 1);
        var below = (int)at;
        return sorted[below] + ((at - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]));
    }
}
