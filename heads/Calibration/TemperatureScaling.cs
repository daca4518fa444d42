namespace OnnxTransfer.Heads;

/// <summary>
/// Temperature scaling (Guo, Pleiss, Sun and Weinberger, 2017): the T > 0 that minimises the log-loss
/// L = sum_i log sum_k exp(s_ik / T) - s_iy / T of held-out scores.
/// </summary>
/// <remarks>
/// <para>L is convex in 1 / T, so its slope crosses zero once: Newton's method on log T, kept between two values of
/// which one is too hot and one too cold, finds the crossing to the last digits.</para>
/// <para>Where every held-out code has its own class first, L falls for ever as T goes to 0. T is then taken where the
/// mean log-loss is log((n + 2) / (n + 1)) above its limit: n codes without an error speak for a share of
/// (n + 1) / (n + 2), Laplace's rule of succession. Where the slope says that no T is hot enough (scores no better than
/// chance), T is a thousand times the largest difference between two scores of a code. Scores that are equal for all
/// classes of every code say nothing: T is 1.</para>
/// </remarks>
internal static class TemperatureScaling
{
    private const double HottestInSpreads = 1000;
    private const int MostSteps = 200;
    private const double LastDigits = 1e-15;

    /// <summary>T.</summary>
    public static double Of(HeldOutScores held)
    {
        var (spread, separable, limit) = Look(held);
        if (spread == 0)
        {
            return 1;
        }

        // The argument is log(spread / T), a few units from 0 whatever the unit of the scores.
        var allowed = held.Count * Math.Log((held.Count + 2.0) / (held.Count + 1.0));
        return spread / Math.Exp(Root(
            x =>
            {
                var inverse = Math.Exp(x) / spread;
                var (loss, slope, curvature) = LogLoss(held, inverse);
                return separable ? (allowed - (loss - limit), -slope * inverse) : (slope, curvature * inverse);
            },
            -Math.Log(HottestInSpreads)));
    }

    /// <summary>L at an inverse temperature, and its first and second derivative there.</summary>
    public static (double Loss, double Slope, double Curvature) LogLoss(HeldOutScores held, double inverse)
    {
        var (loss, slope, curvature) = (0.0, 0.0, 0.0);
        for (var i = 0; i < held.Count; i++)
        {
            var row = held.Row(i);
            var largest = row[First.OfLargest(row)];
            var (sum, first, second) = (0.0, 0.0, 0.0);
            foreach (var score in row)
            {
                var below = score - largest;
                var power = Math.Exp(inverse * below);
                sum += power;
                first += power * below;
                second += power * below * below;
            }

            var (mean, own) = (first / sum, row[held.Truth[i]] - largest);
            loss += Math.Log(sum) - (inverse * own);
            slope += mean - own;
            curvature += (second / sum) - (mean * mean);
        }

        return (loss, slope, curvature);
    }

    /// <summary>
    /// The largest difference between two scores of a code; whether no code has its own class below another; and what
    /// L then falls to: log of how many classes are first together.
    /// </summary>
    private static (double Spread, bool Separable, double Limit) Look(HeldOutScores held)
    {
        var (spread, separable, limit) = (0.0, true, 0.0);
        for (var i = 0; i < held.Count; i++)
        {
            var row = held.Row(i);
            var largest = row[First.OfLargest(row)];
            var (least, together) = (largest, 0);
            foreach (var score in row)
            {
                least = Math.Min(least, score);
                together += score == largest ? 1 : 0;
            }

            spread = Math.Max(spread, largest - least);
            separable &= row[held.Truth[i]] == largest;
            limit += Math.Log(together);
        }

        return (spread, separable, limit);
    }

    /// <summary>Where a function that rises crosses zero, or <paramref name="low"/> where it is above zero there.</summary>
    private static double Root(Func<double, (double Value, double Slope)> rising, double low)
    {
        if (rising(low).Value >= 0)
        {
            return low;
        }

        var high = low + 1;
        for (; rising(high).Value < 0; high++)
        {
            low = high;
        }

        var x = (low + high) / 2;
        for (var step = 0; step < MostSteps; step++)
        {
            var (value, slope) = rising(x);
            (low, high) = value < 0 ? (x, high) : (low, x);
            var next = x - (value / slope);
            if (!(next > low && next < high))
            {
                next = (low + high) / 2;
            }

            if (Math.Abs(next - x) <= LastDigits * Math.Max(1, Math.Abs(x)))
            {
                return next;
            }

            x = next;
        }

        return x;
    }
}
