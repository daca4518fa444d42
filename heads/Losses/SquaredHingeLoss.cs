using System.Numerics;
using System.Runtime.CompilerServices;

namespace OnnxTransfer.Heads;

/// <summary>One-vs-rest squared hinge: sum_k max(0, 1 - t_k s_k)^2, t_k = +1 for the true classes, else -1.</summary>
internal static class SquaredHingeLoss
{
    /// <summary>The loss on some targets; its curvature is 2 where the hinge is open and 0 where it is not.</summary>
    public static LossFunction On(Targets targets) => new(
        targets, Separable: true, IsSmooth: true, IsQuadratic: false,
        (row, scores, curvature, losses) => Slope(targets, row, scores, curvature, losses),
        (row, scores, curvature, losses) => Slope(targets, row, scores, curvature, losses),
        OneVersusRest.Balance, DualValue);

    /// <summary>
    /// With a = |slope|, the best value on the ray of every class: max over theta of
    /// -C^2/2 theta^2 ||V_k||^2 + C sum_i (theta a - theta^2 a^2 / 4 w_i), V_k = sum_i slope_ik x_i.
    /// </summary>
    public static double DualValue(DualPoint point, double[] squaredNorms, double c)
    {
        var linear = new double[point.Classes];
        var quadratic = new double[point.Classes];
        for (var i = 0; i < point.Rows; i++)
        {
            var slopes = point.Row(i);
            var weight = point.Targets.Weight(i);
            for (var k = 0; k < slopes.Length; k++)
            {
                linear[k] += Math.Abs(slopes[k]);
                quadratic[k] += weight > 0 ? slopes[k] * slopes[k] / (4 * weight) : 0;
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
    private static void Slope<T>(Targets targets, int row, Span<T> scores, Span<float> curvature, Span<double> losses)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var weight = targets.Weight(row);
        var two = T.CreateTruncating(2 * weight);
        var bend = (float)(2 * weight);

        // The true classes' scores change their sign, so that every margin of the loop is -s.
        foreach (var k in targets.Positives(row))
        {
            scores[k] = -scores[k];
        }

        for (var k = 0; k < scores.Length; k++)
        {
            var open = T.Max(T.Zero, T.One + scores[k]);
            losses[k] += weight * double.CreateTruncating(open * open);
            scores[k] = two * open;
            curvature[k] = open > T.Zero ? bend : 0;
        }

        foreach (var k in targets.Positives(row))
        {
            scores[k] = -scores[k];
        }
    }
}
