using System.Numerics;

namespace OnnxTransfer.Heads;

/// <summary>A loss of one margin m = t s: its value, its derivative and its second derivative.</summary>
internal delegate (T Value, T Slope, T Bend) MarginLoss<T>(T margin);

/// <summary>What the one-vs-rest losses share: sum_k l(t_k s_k), t_k = +1 for the true classes of a row, else -1.</summary>
internal static class OneVersusRest
{
    /// <summary>
    /// Makes every column of weighted slopes sum to zero by scaling down the heavier of its two signs: no dual variable
    /// changes its sign or grows, however far the start was.
    /// </summary>
    public static void Balance(DualPoint point)
    {
        var positive = new double[point.Classes];
        var negative = new double[point.Classes];
        for (var i = 0; i < point.Rows; i++)
        {
            var slopes = point.Row(i);
            for (var k = 0; k < slopes.Length; k++)
            {
                (slopes[k] > 0 ? ref positive[k] : ref negative[k]) += Math.Abs(slopes[k]);
            }
        }

        for (var i = 0; i < point.Rows; i++)
        {
            var slopes = point.Row(i);
            for (var k = 0; k < slopes.Length; k++)
            {
                var (own, other) = slopes[k] > 0 ? (positive[k], negative[k]) : (negative[k], positive[k]);
                slopes[k] *= own > other ? other / own : 1;
            }
        }
    }

    /// <summary>-C^2/2 sum_k ||V_k||^2 - C sum_i w_i sum_k conjugate(|slope| / w_i, sign), V = sum_i slope_i x_i'.</summary>
    public static double DualValue(DualPoint point, double[] squaredNorms, double c, Func<double, double> conjugate)
    {
        var sum = 0.0;
        for (var i = 0; i < point.Rows; i++)
        {
            var weight = point.Targets.Weight(i);
            var losses = 0.0;
            foreach (var slope in point.Row(i))
            {
                losses += weight > 0 ? conjugate(Math.Abs(slope) / weight) : 0;
            }

            sum += weight * losses;
        }

        return (-0.5 * c * c * squaredNorms.Sum()) - (c * sum);
    }

    /// <summary>The loss of every class of a row, from a loss of its margin.</summary>
    public static RowSlope<T> On<T>(Targets targets, MarginLoss<T> loss) where T : unmanaged, IFloatingPointIeee754<T> =>
        (row, scores, curvature, losses) =>
        {
            var positives = targets.Positives(row);
            var next = 0;
            var weight = targets.Weight(row);
            var factor = T.CreateTruncating(weight);
            for (var k = 0; k < scores.Length; k++)
            {
                var isTrue = next < positives.Length && positives[next] == k;
                next += isTrue ? 1 : 0;
                var (value, slope, bend) = loss(isTrue ? scores[k] : -scores[k]);
                scores[k] = factor * (isTrue ? slope : -slope);
                curvature[k] = float.CreateTruncating(factor * bend);
                losses[k] += weight * double.CreateTruncating(value);
            }
        };
}
