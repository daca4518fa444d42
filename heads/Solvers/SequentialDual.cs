namespace OnnxTransfer.Heads;

/// <summary>
/// Crammer and Singer's head through its dual: epochs of row steps (<see cref="SequentialRows"/>) over what is open, and now and then a
/// look at all rows and classes, which opens what should move and tells the gap.
/// </summary>
/// <remarks>
/// Weights are in float32 at first. Where that no longer tells ties apart, they are summed anew in float64, and float32 holds only
/// what is added: rounding then is of steps, not of weights. Row steps follow one another on one thread, so that any
/// number of threads gives the same bits.
/// </remarks>
internal sealed class SequentialDual : IDisposable
{
    private const int FirstEpochs = 4;
    private const int MostEpochs = 30;

    // Epochs go on until they are off by this share of what they were off by at first.
    private const double WantedShare = 0.1;

    // Off by less, float32 is not believed; nor where a round of epochs gains less than a half.
    private const double LeastInFloat32 = 3e-5;
    private const double SlowShare = 0.5;

    // Rounds without a gap half of the least so far.
    private const int MostIdleRounds = 10;

    // Float32: bits behind the first, and slopes that are as good as none, far above its least number.
    private const int BitsOfFraction = 23;
    private const double LeastSlope = 1e-30;

    private readonly RowSlabs exact, work;
    private readonly Targets targets;
    private readonly bool isFree;
    private readonly double c;
    private readonly int threads, classes, width;
    private readonly SequentialRows rows;
    private readonly MixedOrder order;
    private readonly double[] sums, margins;
    private double[]? bases;
    private long pairs;
    private int epoch;
    private double gapOfViolation = double.PositiveInfinity;

    /// <summary>Weights of zero.</summary>
    /// <param name="exact">The codes, less their centre where there is one, for float64.</param>
    /// <param name="work">The same, for float32.</param>
    /// <param name="targets">What is true of the rows.</param>
    /// <param name="penalizeIntercept">Whether the intercept is penalised.</param>
    /// <param name="c">C.</param>
    /// <param name="basis">The codes' lengths.</param>
    /// <param name="threads">Threads.</param>
    public SequentialDual(RowSlabs exact, RowSlabs work, Targets targets, bool penalizeIntercept, double c, SpectralBasis basis, int threads)
    {
        (this.exact, this.work, this.targets, this.c, this.threads) = (exact, work, targets, c, threads);
        (isFree, classes, width) = (!penalizeIntercept, targets.Classes, work.Codes.Columns + 1);
        rows = new SequentialRows(work, targets, isFree, c, basis);
        order = new MixedOrder(work);
        (sums, margins) = (new double[classes * width], new double[work.Codes.Rows]);
        Array.Fill(margins, double.PositiveInfinity);
        Weights = new double[classes * width];
    }

    /// <summary>K x (D + 1) weights: of the dual variables, times what suits the objective best.</summary>
    public double[] Weights { get; }

    /// <summary>Passes over the codes by now; a pass over some of the pairs counts as its part.</summary>
    public int Passes => (int)Math.Ceiling(pairs / ((double)work.Rows * classes));

    /// <summary>N x K weighted slopes of the losses, in their range.</summary>
    public float[] Slopes()
    {
        var slopes = new float[(long)work.Codes.Rows * classes];
        foreach (var row in work.AllRows())
        {
            Slopes(row, slopes.AsSpan(row * classes, classes));
        }

        return slopes;
    }

    /// <summary>Rounds to steps so wide that the true class's slope, less the sum of the others, is a float32 too: rows sum to exactly zero.</summary>
    private void Slopes(int row, Span<float> slopes)
    {
        var (truth, most) = (targets.Truth(row), targets.Weight(row));
        var duals = rows.Duals(row);
        var sum = ((c * most) - duals[truth]) / c;
        if (!(sum > LeastSlope))
        {
            return;
        }

        var step = Math.ScaleB(1, Math.ILogB(sum) - BitsOfFraction);
        var (rounded, largest) = (0.0, truth);
        for (var k = 0; k < classes; k++)
        {
            if (k != truth)
            {
                slopes[k] = (float)(step * Math.Round(duals[k] / (c * step)));
                rounded += slopes[k];
                largest = largest == truth || slopes[k] > slopes[largest] ? k : largest;
            }
        }

        while (rounded > most)
        {
            slopes[largest] -= (float)step;
            rounded -= step;
        }

        slopes[truth] = (float)-rounded;
    }

    /// <summary>Goes on until the gap seems to be as wanted, or no longer falls.</summary>
    /// <param name="gap">The wanted gap.</param>
    /// <param name="inFloat64">Whether to sum weights in float64 from now on.</param>
    /// <param name="mostPasses">Passes at most.</param>
    /// <param name="cancellation">Looked at before every epoch.</param>
    /// <returns>Whether the gap seems to be as wanted.</returns>
    public bool Descend(double gap, bool inFloat64, int mostPasses, CancellationToken cancellation)
    {
        using var pass = new CodePass<float>(work, classes, threads);
        var (least, idle) = (double.PositiveInfinity, 0);
        do
        {
            var share = Round(gap, mostPasses, cancellation);
            if (inFloat64 || rows.Violation <= LeastInFloat32 || (share > SlowShare && epoch > MostEpochs))
            {
                bases ??= new double[(long)work.Codes.Rows * classes];
            }

            var estimate = Look(pass);
            gapOfViolation = rows.Violation > 0 ? estimate / rows.Violation : double.PositiveInfinity;
            idle = estimate < least / 2 ? 0 : idle + 1;
            least = Math.Min(least, estimate);
            if (estimate <= gap)
            {
                return true;
            }
        }
        while (Passes < mostPasses && idle < MostIdleRounds);
        return false;
    }

    public void Dispose() => rows.Dispose();

    /// <summary>Some epochs; gives what share of the first one's violation the last one had.</summary>
    private double Round(double gap, int mostPasses, CancellationToken cancellation)
    {
        var (first, most) = (0.0, epoch == 0 ? FirstEpochs : MostEpochs);
        for (var i = 0; i < most && Passes < mostPasses; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            pairs += rows.Run(order.Of(epoch++));
            first = i == 0 ? rows.Violation : first;
            if (rows.Violation <= WantedShare * first || rows.Violation * gapOfViolation <= gap)
            {
                break;
            }
        }

        return first > 0 ? rows.Violation / first : 0;
    }

    /// <summary>Sets the weights, opens the pairs that may move, and estimates the gap.</summary>
    private double Look(CodePass<float> pass)
    {
        Sum();
        pass.Run(sums, (_, first, count, scores, stride) => Open(first, count, scores, stride), default);
        pairs += (long)work.Rows * classes;
        if (bases is not null)
        {
            Workers.For(work.Count, threads, (slab, _) => Rebase(slab));
            rows.Rebase(bases);
        }

        var (penalty, bound) = (0.0, 0.0);
        for (var k = 0; k < classes; k++)
        {
            var w = sums.AsSpan(k * width, isFree ? width - 1 : width);
            penalty += 0.5 * VectorArithmetic.Dot(w, w);
        }

        foreach (var row in work.AllRows())
        {
            bound += Coefficient(row, targets.Truth(row), rows.Duals(row));
        }

        var (multiple, value) = BestMultiple.Of(penalty, margins, targets, c);
        for (var i = 0; i < sums.Length; i++)
        {
            Weights[i] = multiple * sums[i];
        }

        bound -= penalty;
        return bound > 0 ? (Math.Abs(value - bound) + rows.Imbalance) / bound : double.PositiveInfinity;
    }

    /// <summary>C w [k = y] - p of a pair, the share of a code in a class's weights.</summary>
    private double Coefficient(int row, int k, ReadOnlySpan<double> duals) => k == targets.Truth(row) ? (c * targets.Weight(row)) - duals[k] : -duals[k];

    private void Sum() => Workers.For(classes, threads, (k, _) =>
    {
        var own = sums.AsSpan(k * width, width);
        if (bases is null)
        {
            VectorArithmetic.Subtract<double>(rows.Weights(k), default, own[..^1]);
        }
        else
        {
            own.Clear();
            var (code, room) = (new double[width - 1], exact.Codes.Room());
            foreach (var row in exact.AllRows())
            {
                var coefficient = Coefficient(row, k, rows.Duals(row));
                if (coefficient != 0)
                {
                    exact.Codes.Read<double>(row, code, room);
                    VectorArithmetic.AddScaled(coefficient, code, own[..^1]);
                }
            }
        }

        own[^1] = rows.Intercept(k);
    });

    /// <summary>Opens the classes of rows whose slopes are as large as one that may shrink, and keeps the rows' margins.</summary>
    private void Open(int first, int count, Span<float> scores, int stride)
    {
        for (var row = first; row < first + count; row++)
        {
            var own = scores.Slice((row - first) * stride, classes);
            var duals = rows.Duals(row);
            var truth = targets.Truth(row);
            own[truth] -= 1;
            var (least, other) = (float.PositiveInfinity, float.NegativeInfinity);
            for (var k = 0; k < classes; k++)
            {
                least = duals[k] > 0 ? Math.Min(least, own[k]) : least;
                other = k != truth ? Math.Max(other, own[k]) : other;
            }

            margins[row] = own[truth] + 1 - other;
            rows.Close(row);
            for (var k = 0; k < classes; k++)
            {
                if (own[k] >= least)
                {
                    rows.Open(row, k);
                }
            }
        }
    }

    /// <summary>Sets the scores of open pairs in float64, and the margins of rows that have some or have a share in the weights.</summary>
    private void Rebase(int slab)
    {
        var (code, room) = (new double[width - 1], exact.Codes.Room());
        foreach (var (first, count) in work.Chunks(slab))
        {
            for (var row = first; row < first + count; row++)
            {
                var (own, other, isRead) = (double.NaN, double.NegativeInfinity, false);
                var truth = targets.Truth(row);
                var isMoved = Coefficient(row, truth, rows.Duals(row)) > 0;
                for (var k = 0; k < classes; k++)
                {
                    if (!rows.IsOpen(row, k) && !(isMoved && k == truth))
                    {
                        continue;
                    }

                    if (!isRead)
                    {
                        exact.Codes.Read<double>(row, code, room);
                        isRead = true;
                    }

                    var score = VectorArithmetic.Dot(code, sums.AsSpan(k * width, width - 1));
                    bases![((long)row * classes) + k] = score;
                    score += sums[(k * width) + width - 1];
                    (own, other) = k == truth ? (score, other) : (own, Math.Max(other, score));
                }

                var margin = own - other;
                margins[row] = double.IsFinite(margin) ? margin : margins[row];
            }
        }
    }
}
