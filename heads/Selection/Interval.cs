namespace OnnxTransfer.Heads;

/// <summary>A confidence interval of a share, 0 to 1.</summary>
public readonly record struct Interval(double Low, double High)
{
    // The 97.5 % quantile of the normal distribution.
    private const double Z = 1.959963984540054;

    /// <summary>
    /// Wilson's score interval (1927) at 95 %: (p + z^2/2n +- z sqrt(p (1 - p) / n + z^2/4n^2)) / (1 + z^2/n);
    /// 0 to 1 where nothing was tried.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative number, or more successes than trials.</exception>
    public static Interval Wilson(long successes, long trials)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, trials);
        if (trials == 0)
        {
            return new Interval(0, 1);
        }

        var (n, p) = ((double)trials, (double)successes / trials);
        var centre = p + (Z * Z / (2 * n));
        var half = Z * Math.Sqrt((p * (1 - p) / n) + (Z * Z / (4 * n * n)));
        var scale = 1 + (Z * Z / n);
        return new Interval(
            successes == 0 ? 0 : Math.Max(0, (centre - half) / scale), successes == trials ? 1 : Math.Min(1, (centre + half) / scale));
    }
}
