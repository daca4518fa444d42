using System.Numerics;

namespace OnnxTransfer.Heads;

/// <summary>
/// One-vs-rest svms, of the hinge or the squared hinge, through their duals: coordinate descent (<see cref="DualGroup"/>)
/// finds in a few epochs which few rows matter to a class, and linear equations on those rows (<see cref="ClassSupport"/>) find
/// the last digits, which take it long.
/// </summary>
internal sealed partial class DualCoordinates : IDisposable
{
    // An epoch that gains less than this share of the dual value is the last.
    private const double LeastGain = 1e-3;
    private const int MostEpochs = 100;
    private const int MostRounds = 12;
    private const int MostPerColumn = 2;

    // The gap is estimated before it is proved.
    private const double ShareOfGap = 0.5;

    // A margin that is off by no more is not told from rounding.
    private const double ToleranceInFloat32 = 1e-5;
    private const double ToleranceInFloat64 = 1e-11;

    private readonly RowSlabs exact, work;
    private readonly Targets targets;
    private readonly bool isHinge, isFree;
    private readonly SpectralBasis basis;
    private readonly int threads, classes;
    private readonly double[] signed;
    private readonly bool[] isOff, isOpen, isStuck;
    private readonly ClassSupport[] supports;
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

    /// <summary>Whether a loss is one of those.</summary>
    public static bool CanSolve(HeadLoss loss) => loss is HeadLoss.Hinge or HeadLoss.SquaredHinge;

    /// <summary>Coordinate descent, until it slows down.</summary>
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
            var order = new MixedOrder(work);
            for (var epoch = 0; epoch < MostEpochs && Passes < mostPasses && isOpen.Contains(true); epoch++)
            {
                cancellation.ThrowIfCancellationRequested();
                var mixed = order.Of(epoch);
                var gains = new (double Decrease, long Pairs)[groups.Length];
                Workers.For(groups.Length, threads, (g, _) => gains[g] = groups[g].Run(mixed));
                var gain = gains.Sum(static g => g.Decrease);
                pairs += gains.Sum(static g => g.Pairs);
                dual += gain;
                if (gain <= LeastGain * dual)
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

    private DualGroup[] Groups()
    {
        var count = (classes + DualGroup.MostClasses - 1) / DualGroup.MostClasses;
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
    /// <param name="gap">The relative gap that is wanted; a class whose share of it is small enough is left. 0: none is.</param>
    /// <param name="mostPasses">Passes at most.</param>
    /// <param name="cancellation">Looked at before every round.</param>
    /// <returns>Whether every class is.</returns>
    public bool Settle<T>(double gap, int mostPasses, CancellationToken cancellation) where T : unmanaged, IFloatingPointIeee754<T>
    {
        using var pass = new CodePass<T>(typeof(T) == typeof(float) ? work : exact, classes, threads);
        for (var round = 0; round < MostRounds && Passes < mostPasses && isOpen.Contains(true); round++)
        {
            cancellation.ThrowIfCancellationRequested();
            Workers.For(classes, threads, (k, _) =>
            {
                if (isOpen[k])
                {
                    Solve(k, supports[k], Tolerance<T>() / 10);
                }
            });
            Check(pass, gap * DualValue(), isSettled: true);
        }

        // What this precision left, a finer one may not.
        var isSettled = !isOpen.Contains(true) && !IsStuck;
        Array.Fill(isOpen, true);
        return isSettled;
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

    private void Solve(int k, ClassSupport support, double tolerance)
    {
        var width = work.Codes.Columns + 1;
        var column = new double[work.Codes.Rows];
        var (inside, others) = (new List<int>(), new List<int>());
        foreach (var row in work.AllRows())
        {
            var at = ((long)row * classes) + k;
            column[row] = signed[at];
            var a = Math.Abs(signed[at]);
            if (isOff[at] || (a > 0 && a < Most(row)))
            {
                inside.Add(row);
            }
            else if (a > 0)
            {
                others.Add(row);
            }
        }

        // More equations than unknowns, or than are worth it: descent has the word, or Newton's method.
        if (inside.Count > (isHinge ? width : MostPerColumn * width))
        {
            isStuck[k] = true;
            return;
        }

        inside.Sort();
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

    /// <summary>
    /// Finds pairs at a bound whose margin says that they should leave it, and the classes that are not done: with more than their
    /// share of the gap, and something that can be done about it.
    /// </summary>
    /// <param name="pass">A pass in the precision that tells.</param>
    /// <param name="gap">The gap that is wanted.</param>
    /// <param name="isSettled">Whether classes are solved, so that pairs at the wrong bound are all that is left to do.</param>
    private void Check<T>(CodePass<T> pass, double gap, bool isSettled) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (gaps, areOff) = (new double[work.Count * classes], new bool[work.Count * classes]);
        pass.Run(
            Weights,
            (slab, first, count, scores, stride) => Check(first, count, scores, stride, gaps.AsSpan(slab * classes, classes), areOff.AsSpan(slab * classes, classes)),
            default);
        pairs += (long)work.Rows * classes;
        for (var k = 0; k < classes; k++)
        {
            var (sum, isAnyOff) = (0.0, false);
            for (var at = k; at < gaps.Length; at += classes)
            {
                (sum, isAnyOff) = (sum + gaps[at], isAnyOff | areOff[at]);
            }

            isOpen[k] = !isStuck[k] && (isAnyOff || !isSettled) && sum > ShareOfGap * gap / classes;
        }
    }

    private void Check<T>(int first, int count, Span<T> scores, int stride, Span<double> gaps, Span<bool> areOff) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var i = 0; i < count; i++)
        {
            var row = first + i;
            var positives = targets.Positives(row);
            var (most, ridge, next) = (Most(row), Ridge(row), 0);
            var (weight, limit) = (c * targets.Weight(row), targets.Weight(row) > 0 ? Tolerance<T>() : double.PositiveInfinity);
            for (var k = 0; k < classes; k++)
            {
                var isTrue = next < positives.Length && positives[next] == k;
                next += isTrue ? 1 : 0;
                var score = double.CreateTruncating(scores[(i * stride) + k]);
                var a = Math.Abs(signed[((long)row * classes) + k]);
                var open = 1 - (isTrue ? score : -score);
                var isWrong = (a == 0 && open > limit) || (a >= most && open < -limit);
                isOff[((long)row * classes) + k] = isWrong;
                areOff[k] |= isWrong;
                gaps[k] += GapOf(a, open, weight, ridge);
            }
        }
    }

    /// <summary>
    /// What a pair adds to the gap: its loss and the loss's conjugate less their product (Fenchel and Young), 0 where the dual
    /// variable is the slope at the margin 1 - <paramref name="open"/>.
    /// </summary>
    private double GapOf(double a, double open, double weight, double ridge)
    {
        var loss = Math.Max(0, open);
        return (weight * (isHinge ? loss : loss * loss)) - (a * open) + (a > 0 ? 0.5 * ridge * a * a : 0);
    }
}
