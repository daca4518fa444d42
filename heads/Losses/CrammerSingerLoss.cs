using System.Numerics;

namespace OnnxTransfer.Heads;

/// <summary>Crammer and Singer's multiclass hinge (2001): max(0, max over k != y of 1 + s_k, less s_y) = max_k (s_k + [k != y]) - s_y.</summary>
internal static class CrammerSingerLoss
{
    private const int MostOnStack = 512;

    /// <summary>The loss itself; its slope is the subgradient of the first largest class.</summary>
    public static LossFunction On(Targets targets) => new(
        targets, Separable: false, IsSmooth: false, IsQuadratic: false,
        (row, scores, curvature, losses) => Slope(targets, row, scores, curvature, losses),
        (row, scores, curvature, losses) => Slope(targets, row, scores, curvature, losses),
        SoftmaxLoss.Balance, DualValue);

    /// <summary>
    /// The loss smoothed around dual variables p (slopes p_0 - w e_y in <paramref name="multipliers"/>): p is the projection of
    /// p_0 + sigma (s + 1 - e_y) onto the simplex of sum 1, and the curvature sigma on the classes with p &gt; 0.
    /// </summary>
    public static LossFunction Smoothed(Targets targets, float[] multipliers, double sigma) => On(targets) with
    {
        IsSmooth = true,
        Single = (row, scores, curvature, losses) => Slope(targets, multipliers, sigma, row, scores, curvature, losses),
        Double = (row, scores, curvature, losses) => Slope(targets, multipliers, sigma, row, scores, curvature, losses),
    };

    /// <summary>-C^2/2 sum_k ||V_k||^2 + C sum_i w_i (1 - p_iy), V = sum_i slope_i x_i'.</summary>
    private static double DualValue(DualPoint point, double[] squaredNorms, double c)
    {
        var sum = 0.0;
        for (var i = 0; i < point.Rows; i++)
        {
            sum -= point.Row(i)[point.Targets.Truth(i)];
        }

        return (-0.5 * c * c * squaredNorms.Sum()) + (c * sum);
    }

    private static void Slope<T>(Targets targets, int row, Span<T> scores, Span<float> curvature, Span<double> losses)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (truth, weight) = (targets.Truth(row), targets.Weight(row));
        var own = scores[truth];
        scores[truth] = own - T.One;
        var worst = First.OfLargest<T>(scores);
        losses[0] += weight * double.CreateTruncating(scores[worst] + T.One - own);
        scores.Clear();
        curvature.Clear();
        scores[worst] += T.CreateTruncating(weight);
        scores[truth] -= T.CreateTruncating(weight);
    }

    private static void Slope<T>(
        Targets targets, float[] multipliers, double sigma, int row, Span<T> scores, Span<float> curvature, Span<double> losses)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (truth, weight) = (targets.Truth(row), targets.Weight(row));
        var (factor, step) = (T.CreateTruncating(weight), T.CreateTruncating(sigma));
        var before = multipliers.AsSpan(row * scores.Length, scores.Length);
        if (weight <= 0)
        {
            scores.Clear();
            curvature.Clear();
            return;
        }

        // Relative to the true class: value = sum_k p_k (s_k + [k != y] - s_y) - ||p - p_0||^2 / 2 sigma.
        var own = scores[truth];
        Span<T> free = scores.Length <= MostOnStack ? stackalloc T[scores.Length] : new T[scores.Length];
        for (var k = 0; k < free.Length; k++)
        {
            scores[k] = k == truth ? T.Zero : scores[k] - own + T.One;
            free[k] = (T.CreateTruncating(before[k]) / factor) + (k == truth ? T.One : T.Zero) + (step * scores[k]);
        }

        var threshold = Simplex.Threshold<T>(free);
        var value = T.Zero;
        for (var k = 0; k < free.Length; k++)
        {
            var last = (T.CreateTruncating(before[k]) / factor) + (k == truth ? T.One : T.Zero);
            var p = T.Max(T.Zero, free[k] - threshold);
            var move = p - last;
            value += (p * scores[k]) - (move * move / (step + step));
            scores[k] = factor * (k == truth ? p - T.One : p);
            curvature[k] = p > T.Zero ? float.CreateTruncating(factor * step) : 0;
        }

        losses[0] += weight * double.CreateTruncating(value);
    }
}
