using System.Numerics;

namespace OnnxTransfer.Heads;

/// <summary>
/// One-vs-rest svms, of the hinge or the squared hinge, through their duals: coordinate descent (<see cref="DualGroup"/>)
/// finds in a few epochs which few rows matter to a class, and linear equations on those rows (<see cref="ClassSupport"/>) find
/// the last digits, which take it long.
/// </summary>
internal sealed partial class DualCoordinates : IDisposable
{
    /// <summary>Pairs of a row and a class up to which a smooth loss has its dual variables kept.</summary>
    public const long MostSmoothDuals = 1L << 24;

    // An epoch that gains less than this share of the dual value is the last.
    private const double LeastGain = 3e-3;

    // The first epoch goes over one row of so many: more would find no more than the rough direction.
    private const ulong RowsToOne = 8;
    private const int MostEpochs = 100;

    private readonly RowSlabs exact, work;
    private readonly Targets targets;
    private readonly bool isHinge, isFree;
    private readonly SpectralBasis basis;
    private readonly int threads, classes;
    private readonly double[] signed;
    private readonly bool[] isOff, isOpen, isStuck;
    private readonly ClassSupport[] supports;
    private readonly double[][] columns;
    private double c;
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
        (isOff, isOpen, isStuck) = (new bool[signed.Length], new bool[classes], new bool[classes]);
        Array.Fill(isOpen, true);
        supports = [.. Enumerable.Range(0, classes).Select(_ => new ClassSupport(exact, work, isFree))];
        columns = [.. Enumerable.Range(0, threads).Select(_ => new double[work.Codes.Rows])];
        Weights = new double[classes * (work.Codes.Columns + 1)];
    }

    /// <summary>K x (D + 1) weights, of the dual variables as they are.</summary>
    public double[] Weights { get; }

    /// <summary>N x K dual variables times the signs of their pairs, b = a t.</summary>
    public double[] Signed => signed;

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

    /// <summary>Whether there are classes whose equations could not be solved.</summary>
    public bool IsStuck => isStuck.Contains(true);

    /// <summary>Passes over the codes by now; a pass over some of the pairs counts as its part.</summary>
    public int Passes => (int)Math.Ceiling(pairs / ((double)work.Rows * classes));

    /// <summary>
    /// Whether a problem is one of those. N x K dual variables and their marks are more than Newton's method holds, which can do
    /// without them where the loss is smooth: it is slower, and takes what is too large for them.
    /// </summary>
    public static bool CanSolve(HeadLoss loss, long rows, long classes) =>
        loss == HeadLoss.Hinge || (loss == HeadLoss.SquaredHinge && rows * classes <= MostSmoothDuals);

    /// <summary>
    /// Coordinate descent, until it slows down. Dense passes, ever rarer, tell which pairs have something to move: they are much
    /// cheaper than to look at every pair in its turn.
    /// </summary>
    /// <param name="start">K x (D + 1) weights near the optimum, which tell dual variables of the squared hinge; null: none are known.</param>
    /// <param name="known">N x K signed dual variables near the optimum, where there is a start; null: none are known.</param>
    /// <param name="gap">The relative gap that is wanted.</param>
    /// <param name="mostPasses">Passes at most.</param>
    /// <param name="cancellation">Looked at before every epoch.</param>
    public void Descend(double[]? start, double[]? known, double gap, int mostPasses, CancellationToken cancellation)
    {
        var groups = Groups();
        try
        {
            var dual = (start, known) switch
            {
                (null, _) => 0,
                (_, not null) => Begin(start, known, gap, groups),
                _ => isHinge ? 0 : Begin(start, groups),
            };
            var (order, gains, counts) = (new MixedOrder(work), new double[classes], new long[groups.Length]);
            using var pass = new CodePass<float>(work, classes, threads);
            for (var epoch = dual > 0 ? 1 : 0; epoch < MostEpochs && Passes < mostPasses && isOpen.Contains(true); epoch++)
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

            if (known is null)
            {
                Sum();
            }
            else
            {
                Workers.For(classes, threads, (k, _) =>
                {
                    if (isOpen[k])
                    {
                        Sum(k);
                    }
                });
            }

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
                    group.Look(first, count, scores, stride, isOpen);
                }
            },
            default);
        pairs += (long)work.Rows * classes;
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

    private bool IsTrue(int row, int k) => targets.Positives(row).Contains(k);

    private double Ridge(int row) => isHinge ? 0 : 0.5 / (c * targets.Weight(row));

    private double Most(int row) => isHinge ? c * targets.Weight(row) : double.PositiveInfinity;
}
