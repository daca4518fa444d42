using System.Numerics;
using System.Runtime.CompilerServices;

namespace OnnxTransfer.Heads;

/// <summary>
/// The row steps of Crammer and Singer's dual: the K dual variables of a row move together, those of other rows staying
/// (Keerthi, Sundararajan, Chang, Hsieh and Lin, 2008), and further than to their best (over-relaxation: Young, 1954).
/// </summary>
/// <remarks>
/// For p_ik &gt;= 0 with sum_k p_ik = C w_i: the least of 1/2 sum_k (||W_k||^2 + q b_k^2) + sum_i (p_iy - C w_i), W_k = sum_i
/// (C w_i [k = y_i] - p_ik) x_i, b_k the same sum without x_i, q the square of the intercept's column. With slopes G_k = s_k +
/// [k != y] the best p of a row is the point of its simplex nearest p + G / (||x||^2 + q). A free intercept is a penalised one
/// around its last value (a step of the method of multipliers with every epoch).
/// </remarks>
internal sealed unsafe class SequentialRows : IDisposable
{
    // Of a step to the best values; the dual falls with any below 2.
    private const double Relaxation = 1.6;

    private const int BitsOfWord = 64;

    private readonly RowSlabs rows;
    private readonly Targets targets;
    private readonly float[] squaredNorms;
    private readonly double c, column;
    private readonly bool isFree;
    private readonly int classes, words, stride;
    private readonly ulong[] active;
    private readonly AlignedBuffer<float> weights, scores;
    private readonly AlignedBuffer<int> found;
    private readonly double[] duals, shifted, fixedIntercepts, sums;
    private double[]? bases;

    /// <summary>All of a row on its true class: weights of zero.</summary>
    /// <param name="rows">The codes.</param>
    /// <param name="targets">What is true of the rows.</param>
    /// <param name="isFree">Whether the intercept is free.</param>
    /// <param name="c">C.</param>
    /// <param name="basis">||x||^2 + 1 by row, and their mean.</param>
    public SequentialRows(RowSlabs rows, Targets targets, bool isFree, double c, SpectralBasis basis)
    {
        (this.rows, this.targets, this.isFree, this.c, squaredNorms, classes) = (rows, targets, isFree, c, basis.SquaredNorms, targets.Classes);
        (column, stride) = (isFree ? 1 + basis.MeanSquare : 1, RowKernels.Stride(rows.Codes.Columns));
        words = (classes + BitsOfWord - 1) / BitsOfWord;
        active = new ulong[(long)rows.Codes.Rows * words];
        weights = new AlignedBuffer<float>((long)stride * classes);
        (scores, found, shifted) = (new AlignedBuffer<float>(classes), new AlignedBuffer<int>(classes), new double[classes]);
        duals = new double[(long)rows.Codes.Rows * classes];
        (sums, fixedIntercepts) = (new double[classes], new double[classes]);
        foreach (var row in rows.AllRows())
        {
            duals[((long)row * classes) + targets.Truth(row)] = c * targets.Weight(row);
            for (var k = 0; k < classes; k++)
            {
                Open(row, k);
            }
        }
    }

    /// <summary>The largest difference of slopes that a row of the last epoch had between a class that may grow and one that may shrink.</summary>
    public double Violation { get; private set; }

    /// <summary>What the intercepts that are off their balance would be worth; 0 where they are penalised.</summary>
    public double Imbalance
    {
        get
        {
            var sum = 0.0;
            for (var k = 0; isFree && k < classes; k++)
            {
                sum += Math.Abs(Intercept(k) * sums[k]);
            }

            return sum;
        }
    }

    /// <summary>p of a row, K numbers.</summary>
    public ReadOnlySpan<double> Duals(int row) => duals.AsSpan(row * classes, classes);

    /// <summary>The intercept of a class.</summary>
    public double Intercept(int k) => fixedIntercepts[k] + (column * sums[k]);

    /// <summary>The weights of a class, or what came to them since <see cref="Rebase"/>.</summary>
    public Span<float> Weights(int k) => new(weights.Start + ((long)k * stride), rows.Codes.Columns);

    /// <summary>Whether a class of a row may move.</summary>
    public bool IsOpen(int row, int k) => (active[(row * words) + (k / BitsOfWord)] >> (k % BitsOfWord) & 1) == 1;

    /// <summary>Lets a class of a row move, if the row counts.</summary>
    public void Open(int row, int k) => active[(row * words) + (k / BitsOfWord)] |= targets.Weight(row) > 0 ? 1UL << (k % BitsOfWord) : 0;

    /// <summary>Lets none of a row's classes move.</summary>
    public void Close(int row) => active.AsSpan(row * words, words).Clear();

    /// <summary>Counts scores from those given on: weights in float32 then hold only what comes to them.</summary>
    /// <param name="scores">N x K without intercepts, read where a pair is open.</param>
    public void Rebase(double[] scores)
    {
        bases = scores;
        new Span<float>(weights.Start, checked((int)weights.Length)).Clear();
    }

    /// <summary>Goes once over the rows and the classes of them that may move.</summary>
    /// <param name="order">The rows, in the order to take them in.</param>
    /// <returns>How many pairs of a row and a class were looked at.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public long Run(int[] order)
    {
        var pairs = 0L;
        Violation = 0;
        var room = rows.Codes.Room();
        foreach (var row in order)
        {
            var count = Find(row);
            if (count < 2)
            {
                continue;
            }

            pairs += count;
            fixed (float* code = rows.Codes.Row(row, room))
            {
                RowKernels.Score(code, weights.Start, rows.Codes.Columns, found.Start, count, scores.Start);
                Move(row, code, count);
            }
        }

        for (var k = 0; isFree && k < classes; k++)
        {
            fixedIntercepts[k] += column * sums[k];
        }

        return pairs;
    }

    public void Dispose()
    {
        weights.Dispose();
        scores.Dispose();
        found.Dispose();
    }

    private int Find(int row)
    {
        var count = 0;
        for (var word = 0; word < words; word++)
        {
            for (var mask = active[(row * words) + word]; mask != 0; mask &= mask - 1)
            {
                found.Start[count++] = (word * BitsOfWord) + BitOperations.TrailingZeroCount(mask);
            }
        }

        return count;
    }

    /// <summary>Moves the dual variables of a row; classes at zero that lie below all others are left out from then on.</summary>
    private void Move(int row, float* code, int count)
    {
        var (truth, weight) = (targets.Truth(row), c * targets.Weight(row));
        var own = duals.AsSpan(row * classes, classes);
        var (greatest, least) = (double.NegativeInfinity, double.PositiveInfinity);
        for (var j = 0; j < count; j++)
        {
            var k = found.Start[j];
            var start = bases is null ? 0 : bases[((long)row * classes) + k];
            shifted[j] = start + scores.Start[j] + Intercept(k) + (k == truth ? 0 : 1);
            greatest = Math.Max(greatest, shifted[j]);
            least = own[k] > 0 ? Math.Min(least, shifted[j]) : least;
        }

        if (!(greatest > least))
        {
            return;
        }

        Violation = Math.Max(Violation, greatest - least);
        var (kept, reach) = (0, Relaxation / (squaredNorms[row] - 1 + column));
        for (var j = 0; j < count; j++)
        {
            var k = found.Start[j];
            if (own[k] <= 0 && shifted[j] < least)
            {
                active[(row * words) + (k / BitsOfWord)] &= ~(1UL << (k % BitsOfWord));
                continue;
            }

            found.Start[kept] = k;
            shifted[kept++] = (own[k] + (reach * (shifted[j] - least))) / weight;
        }

        if (kept == 2)
        {
            Exchange(own, code, weight);
            return;
        }

        var threshold = Simplex.Threshold<double>(shifted.AsSpan(0, kept));
        for (var j = 0; j < kept; j++)
        {
            var k = found.Start[j];
            var step = (weight * Math.Max(0, shifted[j] - threshold)) - own[k];
            if (step != 0)
            {
                own[k] += step;
                sums[k] -= step;
                RowKernels.AddScaled((float)-step, code, weights.Start + ((long)k * stride), rows.Codes.Columns);
            }
        }
    }

    /// <summary>The move of a row with two classes: one loses what the other gains.</summary>
    private void Exchange(Span<double> own, float* code, double weight)
    {
        var (gaining, losing) = (found.Start[0], found.Start[1]);
        var both = own[gaining] + own[losing];
        var next = Math.Clamp(0.5 * (both + (weight * (shifted[0] - shifted[1]))), 0, both);
        var step = next - own[gaining];
        if (step != 0)
        {
            own[gaining] = next;
            own[losing] = both - next;
            sums[gaining] -= step;
            sums[losing] += step;
            RowKernels.Exchange((float)-step, code, weights.Start + ((long)gaining * stride), weights.Start + ((long)losing * stride), rows.Codes.Columns);
        }
    }
}
