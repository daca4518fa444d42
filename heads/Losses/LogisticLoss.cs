using System.Numerics;

namespace OnnxTransfer.Heads;

/// <summary>One-vs-rest logistic loss: sum_k log(1 + exp(-t_k s_k)), t_k = +1 for the true classes, else -1.</summary>
internal static class LogisticLoss
{
    /// <summary>The loss on some targets; its curvature is q (1 - q), q the probability of the wrong side.</summary>
    public static LossFunction On(Targets targets) => new(
        targets, Separable: true, IsSmooth: true, IsQuadratic: false, OneVersusRest.On<float>(targets, Margin), OneVersusRest.On<double>(targets, Margin),
        OneVersusRest.Balance, static (point, squaredNorms, c) => OneVersusRest.DualValue(point, squaredNorms, c, Conjugate));

    // loss*(-a) = a log a + (1 - a) log(1 - a), a in 0..1.
    private static double Conjugate(double a) => Entropy(a) + Entropy(1 - a);

    private static double Entropy(double a) => a > 0 ? a * Math.Log(a) : 0;

    private static (T Value, T Slope, T Bend) Margin<T>(T margin) where T : unmanaged, IFloatingPointIeee754<T>
    {
        // e is at most 1 on either side, so nothing overflows, and the small one of q and 1 - q keeps its digits.
        var e = T.Exp(-T.Abs(margin));
        var (small, large) = (e / (T.One + e), T.One / (T.One + e));
        var value = T.CreateTruncating(SoftmaxLoss.LogOnePlus(double.CreateTruncating(e))) + T.Max(T.Zero, -margin);
        return (value, margin > T.Zero ? -small : -large, small * large);
    }
}
