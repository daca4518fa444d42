using System.Numerics;

namespace OnnxTransfer.Heads;

/// <summary>Ridge classification: 1/2 sum_k (t_k - s_k)^2, t_k = +1 for the true classes, else -1.</summary>
internal static class RidgeLoss
{
    /// <summary>The loss on some targets; its curvature is 1.</summary>
    public static LossFunction On(Targets targets) => new(
        targets, Separable: true, IsSmooth: true, IsQuadratic: true, OneVersusRest.On<float>(targets, Margin), OneVersusRest.On<double>(targets, Margin),
        Balance, DualValue);

    private static (T Value, T Slope, T Bend) Margin<T>(T margin) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var left = T.One - margin;
        return (left * left / (T.One + T.One), -left, T.One);
    }

    /// <summary>Takes each column's mean off, row by row in proportion to the rows' weights: every slope is feasible.</summary>
    private static void Balance(DualPoint point)
    {
        var sums = new double[point.Classes];
        var total = 0.0;
        for (var i = 0; i < point.Rows; i++)
        {
            VectorArithmetic.AddScaled(1, point.Row(i), sums);
            total += point.Targets.Weight(i);
        }

        for (var i = 0; i < point.Rows; i++)
        {
            VectorArithmetic.AddScaled(-point.Targets.Weight(i) / total, sums, point.Row(i));
        }
    }

    /// <summary>-C^2/2 sum_k ||V_k||^2 - C sum_i (slope^2 / 2 w_i + t slope), V = sum_i slope_i x_i'.</summary>
    private static double DualValue(DualPoint point, double[] squaredNorms, double c)
    {
        var sum = 0.0;
        var signs = new double[point.Classes];
        for (var i = 0; i < point.Rows; i++)
        {
            var slopes = point.Row(i);
            var weight = point.Targets.Weight(i);
            point.Targets.Signs(i, signs);
            sum += VectorArithmetic.Dot(signs, slopes) + (weight > 0 ? VectorArithmetic.Dot(slopes, slopes) / (2 * weight) : 0);
        }

        return (-0.5 * c * c * squaredNorms.Sum()) - (c * sum);
    }
}
