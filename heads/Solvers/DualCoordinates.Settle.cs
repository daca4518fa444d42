using System.Numerics;

namespace OnnxTransfer.Heads;

/// <content>The equations of all classes on their supports, in rounds.</content>
internal sealed partial class DualCoordinates
{
    private const int MostRounds = 12;
    private const int MostPerColumn = 2;

    // The gap is estimated before it is proved; what is left at the lower share when settled is at the start of a retraining not yet at the upper one.
    private const double ShareWhenSettled = 0.5;
    private const double ShareAtStart = 0.8;

    // A margin that is off by no more is not told from rounding.
    private const double ToleranceInFloat32 = 1e-5;
    private const double ToleranceInFloat64 = 1e-11;

    // By what the equations of a support may be off: another refinement costs less than to begin again in float64.
    private const double EquationsInFloat32 = 1e-8;
    private const double EquationsInFloat64 = 1e-12;

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
        var open = Open();
        for (var round = 0; round < MostRounds && Passes < mostPasses && open.Length > 0; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (inside, others) = Supports(open);
            Workers.For(open.Length, threads, (j, worker) => Solve(open[j], inside[open[j]], others[open[j]], columns[worker], Equations<T>()));
            Check<T>(open, gap * DualValue(), isSettled: true);
            open = Open();
        }

        // What this precision left, a finer one may not.
        Array.Fill(isOpen, true);
        return open.Length == 0 && !IsStuck;
    }

    private int[] Open() => [.. Enumerable.Range(0, classes).Where(k => isOpen[k])];

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

    private static double Equations<T>() => typeof(T) == typeof(float) ? EquationsInFloat32 : EquationsInFloat64;

    private static double Tolerance<T>() => typeof(T) == typeof(float) ? ToleranceInFloat32 : ToleranceInFloat64;

    /// <summary>
    /// Finds pairs at a bound whose margin says that they should leave it, of some classes, and which of these are not done: with
    /// more than their share of the gap, and something that can be done about it.
    /// </summary>
    /// <param name="open">The classes.</param>
    /// <param name="gap">The gap that is wanted.</param>
    /// <remarks>A margin that is not told from its place adds nothing to the gap.</remarks>
    /// <param name="isSettled">Whether the classes are solved, so that pairs at the wrong bound are all that is left to do.</param>
    private void Check<T>(int[] open, double gap, bool isSettled) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var width = work.Codes.Columns + 1;
        var w = new double[open.Length * width];
        for (var j = 0; j < open.Length; j++)
        {
            Weights.AsSpan(open[j] * width, width).CopyTo(w.AsSpan(j * width));
        }

        var (gaps, areOff) = (new double[work.Count * open.Length], new bool[work.Count * open.Length]);
        using var pass = new CodePass<T>(typeof(T) == typeof(float) ? work : exact, open.Length, threads);
        pass.Run(
            w,
            (slab, first, count, scores, stride) => Check(
                open, first, count, scores, stride, gaps.AsSpan(slab * open.Length, open.Length), areOff.AsSpan(slab * open.Length, open.Length)),
            default);
        pairs += (long)work.Rows * open.Length;
        for (var j = 0; j < open.Length; j++)
        {
            var (sum, isAnyOff) = (0.0, false);
            for (var at = j; at < gaps.Length; at += open.Length)
            {
                (sum, isAnyOff) = (sum + gaps[at], isAnyOff | areOff[at]);
            }

            isOpen[open[j]] = !isStuck[open[j]] && (isAnyOff || !isSettled) && sum > (isSettled ? ShareWhenSettled : ShareAtStart) * gap / classes;
        }
    }

    private void Check<T>(int[] open, int first, int count, Span<T> scores, int stride, Span<double> gaps, Span<bool> areOff)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var signs = new double[classes];
        for (var i = 0; i < count; i++)
        {
            var row = first + i;
            targets.Signs(row, signs);
            var (most, ridge, weight) = (Most(row), Ridge(row), c * targets.Weight(row));
            var limit = weight > 0 ? Tolerance<T>() : double.PositiveInfinity;
            for (var j = 0; j < open.Length; j++)
            {
                var at = ((long)row * classes) + open[j];
                var a = Math.Abs(signed[at]);
                var beyond = 1 - (signs[open[j]] * double.CreateTruncating(scores[(i * stride) + j]));
                isOff[at] = (a == 0 && beyond > limit) || (a >= most && beyond < -limit);
                areOff[j] |= isOff[at];
                var isInside = a > 0 && a < most && Math.Abs(beyond - (ridge * a)) > limit;
                gaps[j] += isOff[at] || isInside ? GapOf(a, beyond, weight, ridge) : 0;
            }
        }
    }

    /// <summary>
    /// What a pair adds to the gap: its loss and the loss's conjugate less their product (Fenchel and Young), 0 where the dual
    /// variable is the slope at the margin 1 - <paramref name="beyond"/>.
    /// </summary>
    private double GapOf(double a, double beyond, double weight, double ridge)
    {
        var loss = Math.Max(0, beyond);
        return (weight * (isHinge ? loss : loss * loss)) - (a * beyond) + (a > 0 ? 0.5 * ridge * a * a : 0);
    }
}
