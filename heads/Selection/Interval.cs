namespace OnnxTransfer.Heads;

/// <summary>A confidence interval.</summary>
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
        return trials == 0 ? new Interval(0, 1) : OfShare((double)successes / trials, trials);
    }

    /// <summary>Wilson's interval of a share p of n trials; p n need not be whole.</summary>
    internal static Interval OfShare(double p, double n)
    {
        var centre = p + (Z * Z / (2 * n));
        var half = Z * Math.Sqrt((p * (1 - p) / n) + (Z * Z / (4 * n * n)));
        var scale = 1 + (Z * Z / n);
        return new Interval(p == 0 ? 0 : Math.Max(0, (centre - half) / scale), p == 1 ? 1 : Math.Min(1, (centre + half) / scale));
    }
}
