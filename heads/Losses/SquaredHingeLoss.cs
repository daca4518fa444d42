using System.Numerics;
using System.Runtime.CompilerServices;

namespace OnnxTransfer.Heads;

/// <summary>One-vs-rest squared hinge: sum_k max(0, 1 - t_k s_k)^2, t_k = +1 for k = y, else -1.</summary>
internal static class SquaredHingeLoss
{
    /// <summary>The loss on a row; its curvature is 2 where the hinge is open and 0 where it is not.</summary>
    public static RowLoss<T> On<T>() where T : unmanaged, IFloatingPointIeee754<T> => new(Slope, Curve, AddDiagonal);

    /// <summary>
    /// Makes every column sum to zero by scaling down the heavier of its two signs: no dual variable changes its sign,
    /// however far the start was.
    /// </summary>
    public static void Balance(DualPoint point)
    {
        var positive = new double[point.Classes];
        var negative = new double[point.Classes];
        for (var i = 0; i < point.Truth.Length; i++)
        {
            var slopes = point.Row(i);
            for (var k = 0; k < slopes.Length; k++)
            {
                (slopes[k] > 0 ? ref positive[k] : ref negative[k]) += Math.Abs(slopes[k]);
            }
        }

        for (var i = 0; i < point.Truth.Length; i++)
        {
            var slopes = point.Row(i);
            for (var k = 0; k < slopes.Length; k++)
            {
                var (own, other) = slopes[k] > 0 ? (positive[k], negative[k]) : (negative[k], positive[k]);
                slopes[k] *= own > other ? other / own : 1;
            }
        }
    }

    /// <summary>
    /// With a = |slope|, the best value on the ray of every class: max over theta of
    /// -C^2/2 theta^2 ||V_k||^2 + C sum_i (theta a - theta^2 a^2 / 4), V_k = sum_i slope_ik x_i.
    /// </summary>
    public static double DualValue(DualPoint point, double[] squaredNorms, double c)
    {
        var linear = new double[point.Classes];
        var quadratic = new double[point.Classes];
        for (var i = 0; i < point.Truth.Length; i++)
        {
            var slopes = point.Row(i);
            for (var k = 0; k < slopes.Length; k++)
            {
                linear[k] += Math.Abs(slopes[k]);
                quadratic[k] += slopes[k] * slopes[k] / 4;
            }
        }

        var value = 0.0;
        for (var k = 0; k < linear.Length; k++)
        {
            var (rise, bend) = (c * linear[k], (c * c * squaredNorms[k]) + (2 * c * quadratic[k]));
            value += bend > 0 ? rise * rise / (2 * bend) : 0;
        }

        return value;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Slope<T>(Span<T> scores, int truth, Span<T> curvature, Span<double> losses) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var two = T.One + T.One;
        var own = T.Max(T.Zero, T.One - scores[truth]);
        scores[truth] = -T.One;
        for (var k = 0; k < scores.Length; k++)
        {
            var open = T.Max(T.Zero, T.One + scores[k]);
            losses[k] += double.CreateTruncating(open * open);
            scores[k] = two * open;
            curvature[k] = open > T.Zero ? two : T.Zero;
        }

        scores[truth] = -two * own;
        curvature[truth] = own > T.Zero ? two : T.Zero;
        losses[truth] += double.CreateTruncating(own * own);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Curve<T>(Span<T> direction, ReadOnlySpan<T> curvature) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var k = 0; k < direction.Length; k++)
        {
            direction[k] *= curvature[k];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddDiagonal<T>(ReadOnlySpan<T> curvature, Span<double> sums) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var k = 0; k < curvature.Length; k++)
        {
            sums[k] += double.CreateTruncating(curvature[k]);
        }
    }
}
