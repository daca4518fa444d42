using System.Numerics;

namespace OnnxTransfer.Heads;

/// <content>The equations of all classes on their supports, in rounds.</content>
internal sealed partial class DualCoordinates
{
    private const int MostRounds = 12;
    private const int MostPerColumn = 2;

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
    /// <param name="mostPasses">Passes at most.</param>
    /// <param name="cancellation">Looked at before every round.</param>
    public void Settle<T>(int mostPasses, CancellationToken cancellation) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var open = Enumerable.Range(0, classes).ToArray();
        for (var round = 0; round < MostRounds && Passes < mostPasses && open.Length > 0; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (inside, others) = Supports(open);
            Workers.For(open.Length, threads, (j, worker) => Solve(open[j], inside[open[j]], others[open[j]], columns[worker], Equations<T>()));
            Check<T>(open);
            open = Open();
        }
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

    private static double Equations<T>() => typeof(T) == typeof(float) ? EquationsInFloat32 : EquationsInFloat64;

    private static double Tolerance<T>() => typeof(T) == typeof(float) ? ToleranceInFloat32 : ToleranceInFloat64;

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
