using System.Numerics;

namespace OnnxTransfer.Heads;

/// <summary>
/// One-vs-rest svms, of the hinge or the squared hinge, through their duals: coordinate descent (<see cref="DualGroup"/>)
/// finds in a few epochs which few rows matter to a class, and linear equations on those rows (<see cref="ClassSupport"/>) find
/// the last digits, which take it long.
/// </summary>
internal sealed class DualCoordinates : IDisposable
{
    // An epoch that gains less than this share of the dual value is the last.
    private const double LeastGain = 3e-3;

    // The first epoch goes over one row of so many: more would find no more than the rough direction.
    private const ulong RowsToOne = 8;
    private const int MostEpochs = 100;
    private const int MostRounds = 12;
    private const int MostPerColumn = 2;

    // A margin that is off by no more is not told from rounding.
    private const double ToleranceInFloat32 = 1e-5;
    private const double ToleranceInFloat64 = 1e-11;

    private readonly RowSlabs exact, work;
    private readonly Targets targets;
    private readonly bool isHinge, isFree;
    private readonly double c;
    private readonly SpectralBasis basis;
    private readonly int threads, classes;
    private readonly double[] signed;
    private readonly bool[] isOff, isStuck;
    private readonly ClassSupport[] supports;
    private readonly double[][] columns;
    private long pairs;

    /// <summary>All dual variables zero.</summary>
    /// <param name="exact">The codes, less their centre where there is one, for float64.</param>
    /// <param name="work">The same, for float32.</param>
    /// <param name="targets">What is true of the rows.</param>
    /// <param name="loss">Hinge or squared hinge.</param>
    /// <param name="penalizeIntercept">Whether the intercept is penalised.</param>
    /// <param name="c">C.</param>
    /// <param name="basis">The codes' spectrum.</param>
    /// <param name="threads">Threads.</param>
    public DualCoordinates(
        RowSlabs exact, RowSlabs work, Targets targets, HeadLoss loss, bool penalizeIntercept, double c, SpectralBasis basis, int threads)
    {
        (this.exact, this.work, this.targets, this.c, this.basis, this.threads) = (exact, work, targets, c, basis, threads);
        (isHinge, isFree, classes) = (loss == HeadLoss.Hinge, !penalizeIntercept, targets.Classes);
        signed = new double[(long)work.Codes.Rows * classes];
        (isOff, isStuck) = (new bool[signed.Length], new bool[classes]);
        supports = [.. Enumerable.Range(0, classes).Select(_ => new ClassSupport(exact, work, isFree))];
        columns = [.. Enumerable.Range(0, threads).Select(_ => new double[work.Codes.Rows])];
        Weights = new double[classes * (work.Codes.Columns + 1)];
    }

    /// <summary>K x (D + 1) weights, of the dual variables as they are.</summary>
    public double[] Weights { get; }

    /// <summary>N x K weighted slopes of the losses, in their range.</summary>
    public float[] Slopes()
    {
        var slopes = new float[signed.Length];
        for (var i = 0; i < slopes.Length; i++)
        {
            var most = isHinge ? targets.Weight(i / classes) : double.PositiveInfinity;
            slopes[i] = (float)Math.Clamp(-signed[i] / c, -most, most);
        }

        return slopes;
    }

    /// <summary>Passes over the codes by now; a pass over some of the pairs counts as its part.</summary>
    public int Passes => (int)Math.Ceiling(pairs / ((double)work.Rows * classes));

    /// <summary>Whether a loss is one of those.</summary>
    public static bool CanSolve(HeadLoss loss) => loss is HeadLoss.Hinge or HeadLoss.SquaredHinge;

    /// <summary>
    /// Coordinate descent, until it slows down. Dense passes, ever rarer, tell which pairs have something to move: they are much
    /// cheaper than to look at every pair in its turn.
    /// </summary>
    /// <param name="start">K x (D + 1) weights near the optimum, which tell dual variables of the squared hinge; null: none are known.</param>
    /// <param name="mostPasses">Passes at most.</param>
    /// <param name="cancellation">Looked at before every epoch.</param>
    public void Descend(double[]? start, int mostPasses, CancellationToken cancellation)
    {
        var groups = Groups();
        try
        {
            var dual = start is null || isHinge ? 0 : Begin(start, groups);
            var (order, gains, counts) = (new MixedOrder(work), new double[classes], new long[groups.Length]);
            using var pass = new CodePass<float>(work, classes, threads);
            for (var epoch = dual > 0 ? 1 : 0; epoch < MostEpochs && Passes < mostPasses; epoch++)
            {
                cancellation.ThrowIfCancellationRequested();
                var taken = epoch > 0 ? order.Of(epoch) : Array.FindAll(order.Of(epoch), static row => Hash.Mix((ulong)row) % RowsToOne == 0);
                if (BitOperations.IsPow2(epoch))
                {
                    Look(groups, pass);
                }

                Workers.For(groups.Length, threads, (g, _) => counts[g] = groups[g].Run(taken, gains));
                pairs += counts.Sum();
                var gain = gains.Sum();
                dual += gain;
                if (epoch > 0 && gain <= LeastGain * dual)
                {
                    break;
                }
            }

            Sum();
            Array.ForEach(groups, group => group.CopyIntercepts(Weights));
        }
        finally
        {
            Array.ForEach(groups, static group => group.Dispose());
        }
    }

    private void Look(DualGroup[] groups, CodePass<float> pass)
    {
        Array.ForEach(groups, group => group.CopyWeights(Weights));
        pass.Run(
            Weights,
            (_, first, count, scores, stride) =>
            {
                foreach (var group in groups)
                {
                    group.Look(first, count, scores, stride);
                }
            },
            default);
        pairs += (long)work.Rows * classes;
    }

    /// <summary>Takes the slopes at some weights, 2 C w_i max(0, 1 - margin), as dual variables.</summary>
    /// <returns>The dual value, which is 0 where they do not stay.</returns>
    private double Begin(double[] start, DualGroup[] groups)
    {
        var values = new double[RowSlabs.MostSlabs];
        using (var pass = new CodePass<float>(work, classes, threads))
        {
            pass.Run(start, (slab, first, count, scores, stride) => values[slab] += Take(first, count, scores, stride), default);
        }

        pairs += (long)work.Rows * classes;
        Sum();
        var width = work.Codes.Columns + 1;
        var penalty = 0.0;
        for (var k = 0; k < classes; k++)
        {
            var w = Weights.AsSpan(k * width, isFree ? width - 1 : width);
            penalty += 0.5 * VectorArithmetic.Dot(w, w);
        }

        // Rows that the start did not know may take it to where zero is nearer.
        var value = values.Sum() - penalty;
        if (value <= 0)
        {
            Array.Clear(signed);
            return 0;
        }

        Array.ForEach(groups, group => group.Begin(Weights, start));
        return value;
    }

    private double Take(int first, int count, Span<float> scores, int stride)
    {
        var (signs, value) = (new double[classes], 0.0);
        for (var row = first; row < first + count; row++)
        {
            targets.Signs(row, signs);
            for (var k = 0; k < classes; k++)
            {
                var a = 2 * c * targets.Weight(row) * Math.Max(0, 1 - (signs[k] * scores[((row - first) * stride) + k]));
                signed[((long)row * classes) + k] = signs[k] * a;
                value += a > 0 ? a - (0.5 * Ridge(row) * a * a) : 0;
            }
        }

        return value;
    }

    private DualGroup[] Groups()
    {
        // Any grouping gives the same bits: every class is a problem of its own.
        var count = Math.Max((classes + DualGroup.MostClasses - 1) / DualGroup.MostClasses, Math.Min(classes, threads));
        DualGroup Make(int g)
        {
            var (first, end) = (g * classes / count, (g + 1) * classes / count);
            return new DualGroup(work, targets, first, end - first, isHinge, isFree, c, basis, signed);
        }

        return [.. Enumerable.Range(0, count).Select(Make)];
    }

    /// <summary>
    /// Solves every class on its support, and takes in rows that then lie on the wrong side of their margins, as far as the
    /// precision T tells, until there are none, or none in classes that can be solved.
    /// </summary>
    /// <param name="mostPasses">Passes at most.</param>
    /// <param name="cancellation">Looked at before every round.</param>
    public void Settle<T>(int mostPasses, CancellationToken cancellation) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var open = Enumerable.Range(0, classes).ToArray();
        for (var round = 0; round < MostRounds && Passes < mostPasses && open.Length > 0; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (inside, others) = Supports(open);
            Workers.For(open.Length, threads, (j, worker) => Solve(open[j], inside[open[j]], others[open[j]], columns[worker], Tolerance<T>() / 10));
            Check<T>(open);
            open = Open();
        }
    }

    public void Dispose() => Array.ForEach(supports, static support => support.Dispose());

    /// <summary>Sets the weights to the sums of b_i x_i, and the intercepts to those of b_i.</summary>
    private void Sum()
    {
        using var pass = new CodePass<float>(work, classes, threads);
        pass.Run(
            default,
            (_, first, count, block, stride) =>
            {
                for (var i = 0; i < count * classes; i++)
                {
                    block[(i / classes * stride) + (i % classes)] = (float)signed[((long)first * classes) + i];
                }
            },
            Weights);
        pairs += (long)work.Rows * classes;
    }

    /// <summary>The rows, ascending, whose dual variables are to move, and those whose are at their upper bounds, of some classes.</summary>
    private (List<int>[] Inside, List<int>[] Others) Supports(int[] open)
    {
        List<int>[] inside = [.. Enumerable.Range(0, classes).Select(static _ => new List<int>())], others = [.. inside.Select(static _ => new List<int>())];
        for (var row = 0; row < work.Codes.Rows; row++)
        {
            var most = Most(row);
            var at = row * classes;
            foreach (var k in open)
            {
                var a = Math.Abs(signed[at + k]);
                if (isOff[at + k] || (a > 0 && a < most))
                {
                    inside[k].Add(row);
                }
                else if (a > 0)
                {
                    others[k].Add(row);
                }
            }
        }

        return (inside, others);
    }

    private void Solve(int k, List<int> inside, List<int> others, double[] column, double tolerance)
    {
        var (support, width) = (supports[k], work.Codes.Columns + 1);
        inside.ForEach(row => column[row] = signed[((long)row * classes) + k]);
        others.ForEach(row => column[row] = signed[((long)row * classes) + k]);

        // More equations than unknowns, or than are worth it: descent has the word, or Newton's method.
        if (inside.Count > (isHinge ? width : MostPerColumn * width))
        {
            isStuck[k] = true;
            return;
        }

        isStuck[k] = !support.Solve([.. inside], others, column, Weights[(k * width) + width - 1], row => IsTrue(row, k) ? 1 : -1, Ridge, Most, tolerance);
        foreach (var row in inside)
        {
            signed[((long)row * classes) + k] = column[row];
        }

        support.Weights.CopyTo(Weights.AsSpan(k * width, width));
        if ((double)inside.Count * inside.Count * classes > HeadPreconditioner.MostNumbers)
        {
            support.Forget();
        }
    }

    private static double Tolerance<T>() => typeof(T) == typeof(float) ? ToleranceInFloat32 : ToleranceInFloat64;

    private bool IsTrue(int row, int k) => targets.Positives(row).Contains(k);

    private double Ridge(int row) => isHinge ? 0 : 0.5 / (c * targets.Weight(row));

    private double Most(int row) => isHinge ? c * targets.Weight(row) : double.PositiveInfinity;

    /// <summary>Finds pairs at a bound whose margin says that they should leave it, of some classes.</summary>
    private void Check<T>(int[] open) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var width = work.Codes.Columns + 1;
        var w = new double[open.Length * width];
        for (var j = 0; j < open.Length; j++)
        {
            Weights.AsSpan(open[j] * width, width).CopyTo(w.AsSpan(j * width));
        }

        using var pass = new CodePass<T>(typeof(T) == typeof(float) ? work : exact, open.Length, threads);
        pass.Run(w, (_, first, count, scores, stride) => Check(open, first, count, scores, stride), default);
        pairs += (long)work.Rows * open.Length;
    }

    private void Check<T>(int[] open, int first, int count, Span<T> scores, int stride) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var signs = new double[classes];
        for (var i = 0; i < count; i++)
        {
            var row = first + i;
            targets.Signs(row, signs);
            var most = Most(row);
            var limit = targets.Weight(row) > 0 ? Tolerance<T>() : double.PositiveInfinity;
            for (var j = 0; j < open.Length; j++)
            {
                var at = ((long)row * classes) + open[j];
                var a = Math.Abs(signed[at]);
                var beyond = 1 - (signs[open[j]] * double.CreateTruncating(scores[(i * stride) + j]));
                isOff[at] = (a == 0 && beyond > limit) || (a >= most && beyond < -limit);
            }
        }
    }

    /// <summary>The classes with pairs that are off, but for those whose equations are not solved.</summary>
    private int[] Open()
    {
        var found = new bool[classes];
        for (var row = 0; row < work.Codes.Rows; row++)
        {
            var at = row * classes;
            for (var k = 0; k < classes; k++)
            {
                found[k] |= isOff[at + k];
            }
        }

        return [.. Enumerable.Range(0, classes).Where(k => found[k] && !isStuck[k])];
    }
}
