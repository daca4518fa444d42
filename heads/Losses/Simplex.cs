using System.Numerics;

namespace OnnxTransfer.Heads;

/// <summary>Projection onto the simplex {p >= 0, sum p = 1}.</summary>
internal static class Simplex
{
    /// <summary>
    /// The t with sum_k max(0, v_k - t) = 1, so that max(0, v - t) is the nearest point to v. The support shrinks from all
    /// numbers until it no longer changes (Michelot, 1986).
    /// </summary>
    public static T Threshold<T>(ReadOnlySpan<T> values) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var count = int.MaxValue;
        var threshold = T.NegativeInfinity;
        while (true)
        {
            var (sum, support) = (-T.One, 0);
            foreach (var value in values)
            {
                if (value > threshold)
                {
                    sum += value;
                    support++;
                }
            }

            // In exact arithmetic the support only shrinks; rounding must not let it grow again.
            if (support >= count || support == 0)
            {
                return threshold;
            }

            (count, threshold) = (support, sum / T.CreateTruncating(support));
        }
    }
}
