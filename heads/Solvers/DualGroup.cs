using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace OnnxTransfer.Heads;

/// <summary>
/// The dual problems of some classes of a one-vs-rest svm, which share their passes over the codes: coordinate
/// descent with shrinking, Hsieh, Chang, Lin, Keerthi and Sundararajan (2008), algorithm 3.
/// </summary>
/// <remarks>
/// For a class with signs t: the least of 1/2 a'(Q + diag(r)) a - sum a over 0 &lt;= a_i &lt;= u_i, Q_ij = t_i t_j (x_i'x_j + p),
/// p the intercept's column squared; r = 1 / 2 C w_i and u = infinity for the squared hinge, r = 0 and u = C w_i for the hinge.
/// A free intercept is a penalised one around its last value (a step of the method of multipliers with every epoch).
/// </remarks>
internal sealed unsafe class DualGroup : IDisposable
{
    /// <summary>Classes at most, as many as a mask has bits.</summary>
    public const int MostClasses = 32;

    // In numbers.
    private const int CacheLine = 16;

    private readonly RowSlabs rows;
    private readonly float[] squaredNorms;
    private readonly double c, column;
    private readonly bool isHinge, isFree;
    private readonly int first, count, stride;
    private readonly Targets targets;
    private readonly uint[] active, truths;
    private readonly int[] looked;
    private readonly double[] decreases;
    private readonly double[] duals;
    private readonly AlignedBuffer<float> weights;
    private readonly double[] fixedIntercepts, sums, greatest, least, lastGreatest, lastLeast;

    /// <summary>All dual variables zero.</summary>
    /// <param name="rows">The codes.</param>
    /// <param name="targets">What is true of the rows.</param>
    /// <param name="first">The first class.</param>
    /// <param name="count">How many.</param>
    /// <param name="isHinge">The hinge, or the squared hinge.</param>
    /// <param name="isFree">Whether the intercept is free.</param>
    /// <param name="c">C.</param>
    /// <param name="basis">||x||^2 + 1 by row, and their mean.</param>
    /// <param name="duals">N x K signed dual variables a t, all zero; a group writes those of its classes.</param>
    public DualGroup(RowSlabs rows, Targets targets, int first, int count, bool isHinge, bool isFree, double c, SpectralBasis basis, double[] duals)
    {
        (this.rows, this.targets, this.first, this.count) = (rows, targets, first, count);
        (this.isHinge, this.isFree, this.c, squaredNorms) = (isHinge, isFree, c, basis.SquaredNorms);
        column = isFree ? 1 + basis.MeanSquare : 1;
        stride = RowKernels.Stride(rows.Codes.Columns);
        (active, truths, looked) = (new uint[rows.Codes.Rows], new uint[rows.Codes.Rows], new int[rows.Rows]);
        decreases = new double[count];
        this.duals = duals;
        weights = new AlignedBuffer<float>((long)stride * count);
        (fixedIntercepts, sums) = (new double[count], new double[count]);
        (greatest, least, lastGreatest, lastLeast) = (new double[count], new double[count], new double[count], new double[count]);
        Array.Fill(lastGreatest, double.PositiveInfinity);
        Array.Fill(lastLeast, double.NegativeInfinity);
        foreach (var row in rows.AllRows())
        {
            active[row] = targets.Weight(row) > 0 ? uint.MaxValue >> (MostClasses - count) : 0;
            foreach (var k in targets.Positives(row))
            {
                truths[row] |= k >= first && k < first + count ? 1u << (k - first) : 0;
            }
        }
    }

    /// <summary>Starts at the dual variables as they are.</summary>
    /// <param name="w">Their sums, K x (D + 1) weights.</param>
    /// <param name="start">Weights whose intercepts are the first.</param>
    public void Begin(ReadOnlySpan<double> w, ReadOnlySpan<double> start)
    {
        var width = rows.Codes.Columns + 1;
        for (var k = 0; k < count; k++)
        {
            var own = w.Slice((first + k) * width, width);
            for (var d = 0; d < width - 1; d++)
            {
                Weights(k)[d] = (float)own[d];
            }

            sums[k] = own[^1];
            fixedIntercepts[k] = isFree ? start[((first + k) * width) + width - 1] - (column * sums[k]) : 0;
        }
    }

    /// <summary>Marks the pairs of some rows whose dual variables are between their bounds, or would leave one: the others stay where they are.</summary>
    /// <param name="from">The first row.</param>
    /// <param name="length">How many.</param>
    /// <param name="scores">The scores of all classes; row i begins at i * scoreStride.</param>
    /// <param name="scoreStride">At least K.</param>
    /// <param name="isOpen">The K classes that have anything to move; no pair of the others is marked.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Look(int from, int length, ReadOnlySpan<float> scores, int scoreStride, bool[] isOpen)
    {
        for (var i = 0; i < length; i++)
        {
            var row = from + i;
            var weight = c * targets.Weight(row);
            var most = isHinge ? weight : double.PositiveInfinity;
            var mask = 0u;
            for (var k = 0; k < count && weight > 0; k++)
            {
                var sign = (truths[row] >> k & 1) == 1 ? 1.0 : -1.0;
                var a = sign * duals[((long)row * targets.Classes) + first + k];
                var open = 1 - (sign * scores[(i * scoreStride) + first + k]);
                var moves = (a > 0 && a < most) || (a <= 0 && open > 0) || (a >= most && open < 0);
                mask |= moves && isOpen[first + k] ? 1u << k : 0;
            }

            active[row] = mask;
        }
    }

    /// <summary>Goes once over the pairs of a row and a class that are not known to stay where they are.</summary>
    /// <param name="order">The rows, in the order to take them in.</param>
    /// <param name="gains">K numbers; those of the group's classes are set to what their dual values gained.</param>
    /// <returns>How many pairs were looked at.</returns>
    public long Run(ReadOnlySpan<int> order, double[] gains)
    {
        Array.Fill(greatest, double.NegativeInfinity);
        Array.Fill(least, double.PositiveInfinity);
        Array.Clear(decreases);
        var pairs = Epoch(order);
        decreases.CopyTo(gains, first);
        for (var k = 0; k < count; k++)
        {
            lastGreatest[k] = greatest[k] > 0 ? greatest[k] : double.PositiveInfinity;
            lastLeast[k] = least[k] < 0 ? least[k] : double.NegativeInfinity;
            fixedIntercepts[k] += isFree ? column * sums[k] : 0;
        }

        return pairs;
    }

    /// <summary>The intercepts, in their classes' places in K x (D + 1) weights.</summary>
    public void CopyIntercepts(Span<double> w)
    {
        var width = rows.Codes.Columns + 1;
        for (var k = 0; k < count; k++)
        {
            w[((first + k) * width) + width - 1] = fixedIntercepts[k] + (isFree ? 0 : sums[k]);
        }
    }

    /// <summary>The same with the weights.</summary>
    public void CopyWeights(Span<double> w)
    {
        CopyIntercepts(w);
        var width = rows.Codes.Columns + 1;
        for (var k = 0; k < count; k++)
        {
            var target = w.Slice((first + k) * width, width - 1);
            target.Clear();
            VectorArithmetic.AddWidened(new ReadOnlySpan<float>(Weights(k), width - 1), target);
        }
    }

    public void Dispose() => weights.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private long Epoch(ReadOnlySpan<int> order)
    {
        var pairs = 0L;
        var room = rows.Codes.Room();
        var classes = stackalloc int[MostClasses];
        var scores = stackalloc float[MostClasses];
        var count = 0;
        foreach (var row in order)
        {
            if (active[row] != 0)
            {
                looked[count++] = row;
            }
        }

        var isPlain = rows.Codes.IsPlain && Sse.IsSupported;
        for (var i = 0; i < count; i++)
        {
            var row = looked[i];
            var found = 0;
            for (var mask = active[row]; mask != 0; mask &= mask - 1)
            {
                classes[found++] = BitOperations.TrailingZeroCount(mask);
            }

            if (isPlain && i + 1 < count)
            {
                Prefetch(looked[i + 1]);
            }

            pairs += found;
            fixed (float* code = rows.Codes.Row(row, room))
            {
                RowKernels.Score(code, weights.Start, rows.Codes.Columns, classes, found, scores);
                var weight = c * targets.Weight(row);
                var (ridge, most) = isHinge ? (0, weight) : (0.5 / weight, double.PositiveInfinity);
                var bend = squaredNorms[row] - 1 + column + ridge;
                for (var j = 0; j < found; j++)
                {
                    decreases[classes[j]] += Move(row, code, classes[j], scores[j], ridge, most, bend);
                }
            }
        }

        return pairs;
    }

    /// <summary>Brings a row that lies in memory near, while another is worked on.</summary>
    private void Prefetch(int row)
    {
        fixed (float* code = rows.Codes.Stored(row))
        {
            for (nint d = 0; d < rows.Codes.Columns; d += CacheLine)
            {
                Sse.Prefetch0(code + d);
            }
        }
    }

    /// <summary>Takes the best value for one dual variable; r, u and the second derivative are the row's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Move(int row, float* code, int k, float score, double ridge, double most, double bend)
    {
        var sign = (truths[row] >> k & 1) == 1 ? 1.0 : -1.0;
        ref var dual = ref duals[((long)row * targets.Classes) + first + k];
        var before = sign * dual;
        var slope = (sign * (score + fixedIntercepts[k] + (column * sums[k]))) - 1 + (ridge * before);
        if ((before <= 0 && slope > lastGreatest[k]) || (before >= most && slope < lastLeast[k]))
        {
            active[row] &= ~(1u << k);
            return 0;
        }

        var projected = before <= 0 ? Math.Min(slope, 0) : before >= most ? Math.Max(slope, 0) : slope;
        greatest[k] = Math.Max(greatest[k], projected);
        least[k] = Math.Min(least[k], projected);
        var step = Math.Clamp(before - (projected / bend), 0, most) - before;
        if (step == 0)
        {
            return 0;
        }

        dual = sign * (before + step);
        sums[k] += sign * step;
        RowKernels.AddScaled((float)(sign * step), code, Weights(k), rows.Codes.Columns);
        return -step * (slope + (0.5 * bend * step));
    }

    private float* Weights(int k) => weights.Start + ((long)k * stride);
}
