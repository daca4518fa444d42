namespace OnnxTransfer.Heads;

/// <summary>
/// The shrinkage of Ledoit and Wolf (2004): of all (1 - rho) S + rho mu I, the one whose expected distance from the true
/// covariance is least, as the sample lets one know it; S = Z'Z / N, mu = tr(S) / D.
/// </summary>
/// <param name="Variance">mu, the mean variance of a column.</param>
/// <param name="Share">rho, above 0 and at most 1.</param>
public sealed record LedoitWolf(double Variance, double Share)
{
    /// <summary>rho at least: it is 0 where all z z' are the same, and S alone has then no inverse.</summary>
    public const double LeastShare = 1e-6;

    /// <summary>
    /// rho = min(beta, delta) / delta, with delta = ||S - mu I||^2 / D and beta = (sum_i ||z_i||^4 / N - ||S||^2) / (N D), in
    /// Frobenius norms; 1 where delta is 0.
    /// </summary>
    /// <param name="squares">||z_i||^2, N numbers.</param>
    /// <param name="columns">D.</param>
    /// <param name="squaredGram">||Z'Z||^2, which is ||ZZ'||^2 too.</param>
    public static LedoitWolf Of(ReadOnlySpan<double> squares, int columns, double squaredGram)
    {
        var (sum, fourth, rows) = (0.0, 0.0, (double)squares.Length);
        foreach (var square in squares)
        {
            sum += square;
            fourth += square * square;
        }

        var (variance, squaredS) = (sum / rows / columns, squaredGram / rows / rows);
        var delta = (squaredS / columns) - (variance * variance);
        var beta = ((fourth / rows) - squaredS) / rows / columns;
        return new LedoitWolf(variance, delta > 0 ? Math.Clamp(beta / delta, LeastShare, 1) : 1);
    }
}
