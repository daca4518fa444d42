using MathNet.Numerics;

namespace OnnxTransfer.Study;

/// <summary>
/// What chance makes of the logarithm of a ratio of two variances that are the same in truth. n s^2 / sigma^2 over n normal numbers has
/// a chi-squared distribution of n - 1 degrees of freedom, whose logarithm has the mean psi((n - 1) / 2) + ln 2 and the variance
/// psi'((n - 1) / 2) (Bartlett and Kendall, 1946).
/// </summary>
/// <param name="Bias">Its mean: variances of few numbers come out small.</param>
/// <param name="Variance">Its variance.</param>
internal readonly record struct Chance(double Bias, double Variance)
{
    // From here on the series below has all digits of a double.
    private const double FarOut = 20;

    /// <summary>For a variance over <paramref name="images"/> by one over <paramref name="others"/>, each the mean square from their own mean.</summary>
    public static Chance Of(int images, int others)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(images, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(others, 2);
        return new Chance(Mean(images) - Mean(others), Trigamma((images - 1) / 2.0) + Trigamma((others - 1) / 2.0));
    }

    /// <summary>psi'(x) for x above 0: psi'(x) = psi'(x + 1) + 1 / x^2 until x is large, and there its asymptotic series (Abramowitz and Stegun, 1964, 6.4.12).</summary>
    internal static double Trigamma(double x)
    {
        var sum = 0.0;
        for (; x < FarOut; x++)
        {
            sum += 1 / (x * x);
        }

        var q = 1 / (x * x);
        return sum + (1 / x) + (q / 2) + (q / x * ((1 / 6.0) - (q * ((1 / 30.0) - (q * ((1 / 42.0) - (q / 30)))))));
    }

    private static double Mean(int images) => SpecialFunctions.DiGamma((images - 1) / 2.0) - Math.Log(images / 2.0);
}
