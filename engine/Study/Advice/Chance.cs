using MathNet.Numerics;

namespace OnnxTransfer.Study;

/// <summary>
/// What chance makes of the logarithm of an estimated variance. f s^2 / sigma^2 has, for normal numbers, a chi-squared distribution of f
/// degrees of freedom; the logarithm of s^2 / sigma^2 has the mean psi(f / 2) - ln(f / 2) and the variance psi'(f / 2) (Bartlett and Kendall, 1946).
/// </summary>
/// <param name="Bias">Its mean: variances of few numbers mostly come out small.</param>
/// <param name="Variance">Its variance.</param>
internal readonly record struct Chance(double Bias, double Variance)
{
    // From here on the series below has all digits of a double.
    private const double FarOut = 20;

    /// <summary>For an estimate without bias of <paramref name="freedom"/> degrees of freedom, at least 1.</summary>
    public static Chance Of(double freedom)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(freedom, 1);
        return new Chance(SpecialFunctions.DiGamma(freedom / 2) - Math.Log(freedom / 2), Trigamma(freedom / 2));
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
}
