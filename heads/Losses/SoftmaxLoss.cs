using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OnnxTransfer.Heads;

/// <summary>Multinomial logistic loss: log sum_k exp(s_k) - s_y.</summary>
internal static class SoftmaxLoss
{
    /// <summary>The loss on some targets; its curvature is the probabilities p: H = diag(p) - p p'.</summary>
    public static LossFunction On(Targets targets) => new(
        targets, Separable: false, IsSmooth: true, IsQuadratic: false,
        (row, scores, curvature, losses) => Slope(targets, row, scores, curvature, losses),
        (row, scores, curvature, losses) => Slope(targets, row, scores, curvature, losses),
        Balance, DualValue);

    /// <summary>Replaces scores by probabilities.</summary>
    public static void Probabilities(Span<double> scores)
    {
        var largest = scores[0];
        foreach (var score in scores)
        {
            largest = Math.Max(largest, score);
        }

        var sum = 0.0;
        foreach (ref var score in scores)
        {
            score = Math.Exp(score - largest);
            sum += score;
        }

        foreach (ref var score in scores)
        {
            score /= sum;
        }
    }

    /// <summary>
    /// Moves the weighted probabilities q = slope + w [k = y] into the polytope of row sums w_i and column sums n_k (the
    /// weight of class k): columns that are too large are scaled down, and what rows and columns then lack is added as a
    /// matrix of rank one (Altschuler, Weed and Rigollet, 2017). No q becomes negative, however far the start was.
    /// </summary>
    public static void Balance(DualPoint point)
    {
        var (rows, targets) = (point.Rows, point.Targets);
        var counts = new double[point.Classes];
        var sums = new double[point.Classes];
        for (var i = 0; i < rows; i++)
        {
            var q = point.Row(i);
            var truth = targets.Truth(i);
            var weight = targets.Weight(i);
            q[truth] = Math.Max(0, weight + q[truth]);
            counts[truth] += weight;
            VectorArithmetic.AddScaled(1, q, sums);
        }

        var scales = new double[point.Classes];
        for (var k = 0; k < scales.Length; k++)
        {
            scales[k] = sums[k] > counts[k] ? counts[k] / sums[k] : 1;
            sums[k] = 0;
        }

        var lacks = new double[rows];
        for (var i = 0; i < rows; i++)
        {
            var q = point.Row(i);
            var sum = 0.0;
            for (var k = 0; k < q.Length; k++)
            {
                q[k] *= scales[k];
                sums[k] += q[k];
                sum += q[k];
            }

            lacks[i] = Math.Max(0, targets.Weight(i) - sum);
        }

        var missing = 0.0;
        for (var k = 0; k < counts.Length; k++)
        {
            sums[k] = Math.Max(0, counts[k] - sums[k]);
            missing += sums[k];
        }

        for (var i = 0; i < rows; i++)
        {
            var q = point.Row(i);
            VectorArithmetic.AddScaled(missing > 0 ? lacks[i] / missing : 0, sums, q);
            q[targets.Truth(i)] -= targets.Weight(i);
        }
    }

    /// <summary>
    /// -C^2/2 sum_k ||V_k||^2 - C sum_i w_i sum_k p log p, with V = sum_i slope_i x_i' and w p = slope + w [k = y].
    /// </summary>
    public static double DualValue(DualPoint point, double[] squaredNorms, double c)
    {
        var entropy = 0.0;
        for (var i = 0; i < point.Rows; i++)
        {
            var slopes = point.Row(i);
            var truth = point.Targets.Truth(i);
            var weight = point.Targets.Weight(i);
            for (var k = 0; k < slopes.Length; k++)
            {
                var q = slopes[k] + (k == truth ? weight : 0);
                entropy += q > 0 ? q * Math.Log(q / weight) : 0;
            }
        }

        return (-0.5 * c * c * squaredNorms.Sum()) - (c * entropy);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Slope<T>(Targets targets, int row, Span<T> scores, Span<float> curvature, Span<double> losses)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (truth, weight) = (targets.Truth(row), targets.Weight(row));
        var largest = Largest(scores);
        var margin = double.CreateTruncating(scores[truth] - largest);
        ExponentialsOfDifferences(scores, largest);
        var own = double.CreateTruncating(scores[truth]);
        scores[truth] = T.Zero;
        var others = double.CreateTruncating(Sum(scores));
        var sum = own + others;
        Scale(scores, T.CreateTruncating(weight / sum));
        Round(scores, curvature);
        curvature[truth] = (float)(weight * own / sum);

        // 1 - p_y would cancel where the row is already right; the sum of the others does not.
        scores[truth] = T.CreateTruncating(-weight * others / sum);
        losses[0] += weight * (margin == 0 ? LogOnePlus(others) : Math.Log(sum) - margin);
    }

    private static void Round<T>(Span<T> values, Span<float> result) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(float))
        {
            MemoryMarshal.Cast<T, float>(values).CopyTo(result);
            return;
        }

        for (var k = 0; k < values.Length; k++)
        {
            result[k] = float.CreateTruncating(values[k]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T Largest<T>(ReadOnlySpan<T> values) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var largest = values[0];
        foreach (var value in values)
        {
            largest = value > largest ? value : largest;
        }

        return largest;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ExponentialsOfDifferences<T>(Span<T> values, T shift) where T : unmanaged, IFloatingPointIeee754<T>
    {
        ref var v0 = ref MemoryMarshal.GetReference(values);
        var k = 0;
        for (; k <= values.Length - Vector256<T>.Count; k += Vector256<T>.Count)
        {
            Exp(Vector256.LoadUnsafe(ref v0, (nuint)k) - Vector256.Create(shift)).StoreUnsafe(ref v0, (nuint)k);
        }

        if (k < values.Length)
        {
            var rest = Vector256<T>.Zero;
            for (var lane = 0; lane < values.Length - k; lane++)
            {
                rest = rest.WithElement(lane, values[k + lane] - shift);
            }

            rest = Exp(rest);
            for (var lane = 0; lane < values.Length - k; lane++)
            {
                values[k + lane] = rest[lane];
            }
        }
    }

    private static Vector256<T> Exp<T>(Vector256<T> x) => typeof(T) == typeof(float)
        ? Vector256.Exp(x.AsSingle()).As<float, T>()
        : Vector256.Exp(x.AsDouble()).As<double, T>();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T Sum<T>(ReadOnlySpan<T> values) where T : unmanaged, IFloatingPointIeee754<T>
    {
        ref var v0 = ref MemoryMarshal.GetReference(values);
        var lanes = Vector256<T>.Zero;
        var k = 0;
        for (; k <= values.Length - Vector256<T>.Count; k += Vector256<T>.Count)
        {
            lanes += Vector256.LoadUnsafe(ref v0, (nuint)k);
        }

        var sum = Vector256.Sum(lanes);
        for (; k < values.Length; k++)
        {
            sum += values[k];
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale<T>(Span<T> values, T factor) where T : unmanaged, IFloatingPointIeee754<T>
    {
        ref var v0 = ref MemoryMarshal.GetReference(values);
        var k = 0;
        for (; k <= values.Length - Vector256<T>.Count; k += Vector256<T>.Count)
        {
            (Vector256.LoadUnsafe(ref v0, (nuint)k) * factor).StoreUnsafe(ref v0, (nuint)k);
        }

        for (; k < values.Length; k++)
        {
            values[k] *= factor;
        }
    }

    /// <summary>log(1 + x) to full precision near 0 (Kahan's correction; as in Higham, 2002, section 1.14.1).</summary>
    public static double LogOnePlus(double x)
    {
        var u = 1 + x;
        return u == 1 ? x : Math.Log(u) * x / (u - 1);
    }
}
