using System.Numerics;
using System.Runtime.CompilerServices;

namespace OnnxTransfer.Heads;

/// <summary>One-vs-rest hinge: sum_k max(0, 1 - t_k s_k), t_k = +1 for the true classes, else -1.</summary>
internal static class HingeLoss
{
    /// <summary>The loss itself; its slope is the subgradient of an open hinge.</summary>
    public static LossFunction On(Targets targets) => new(
        targets, Separable: true, IsSmooth: false, IsQuadratic: false, OneVersusRest.On<float>(targets, Margin), OneVersusRest.On<double>(targets, Margin),
        OneVersusRest.Balance, static (point, squaredNorms, c) => OneVersusRest.DualValue(point, squaredNorms, c, static a => -a));

    /// <summary>
    /// The loss smoothed around dual variables a (N x K weighted slopes): its conjugate -a less 1/2 sigma (a - a_0)^2, so
    /// that the slope is a = clip(a_0 + sigma (1 - m), 0, 1) and the curvature sigma where nothing is clipped, the ends of the range included.
    /// </summary>
    public static LossFunction Smoothed(Targets targets, float[] multipliers, double sigma) => On(targets) with
    {
        IsSmooth = true,
        Single = (row, scores, curvature, losses) => Slope(targets, multipliers, sigma, row, scores, curvature, losses),
        Double = (row, scores, curvature, losses) => Slope(targets, multipliers, sigma, row, scores, curvature, losses),
    };

    private static (T Value, T Slope, T Bend) Margin<T>(T margin) where T : unmanaged, IFloatingPointIeee754<T> =>
        margin < T.One ? (T.One - margin, -T.One, T.Zero) : (T.Zero, T.Zero, T.Zero);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Slope<T>(
        Targets targets, float[] multipliers, double sigma, int row, Span<T> scores, Span<float> curvature, Span<double> losses)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var positives = targets.Positives(row);
        var next = 0;
        var weight = targets.Weight(row);
        var (factor, step) = (T.CreateTruncating(weight), T.CreateTruncating(sigma));
        var before = multipliers.AsSpan(row * scores.Length, scores.Length);
        for (var k = 0; k < scores.Length; k++)
        {
            var isTrue = next < positives.Length && positives[next] == k;
            next += isTrue ? 1 : 0;
            var open = T.One - (isTrue ? scores[k] : -scores[k]);
            var last = factor > T.Zero ? T.Abs(T.CreateTruncating(before[k])) / factor : T.Zero;
            var free = last + (step * open);
            var a = T.Clamp(free, T.Zero, T.One);
            var move = a - last;
            losses[k] += weight * double.CreateTruncating((a * open) - (move * move / (step + step)));
            scores[k] = isTrue ? -factor * a : factor * a;
            curvature[k] = free >= T.Zero && free <= T.One ? float.CreateTruncating(factor * step) : 0;
        }
    }
}
