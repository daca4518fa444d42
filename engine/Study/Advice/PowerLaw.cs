namespace OnnxTransfer.Study;

/// <summary>
/// How the error of a classifier falls with the number n of its training images: err(n) = a + b n^-c (Cortes, Jackel, Solla,
/// Vapnik and Denker, 1993).
/// </summary>
/// <param name="Asymptote">a, what no number of images takes away; at least 0.</param>
/// <param name="Scale">b, at least 0.</param>
/// <param name="Exponent">c, from 0.05 to 2.</param>
public sealed record PowerLaw(double Asymptote, double Scale, double Exponent)
{
    /// <summary>The fewest points of different numbers of images that a curve is fitted to.</summary>
    public const int FewestPoints = 3;

    // Multiples of 0.05.
    private const int FirstExponent = 1, LastExponent = 40;

    /// <summary>err(n).</summary>
    public double ErrorAt(double images) => Asymptote + (Scale * Math.Pow(images, -Exponent));

    /// <summary>
    /// The least squares over the points, each with the weight of its images, since what comes next is like the large shares: for
    /// every exponent of a grid a and b are exact (at least 0), and the exponent of the least sum is taken, the smallest of equals.
    /// </summary>
    /// <param name="images">n of each point, above 0.</param>
    /// <param name="errors">The error of each, 0 to 1.</param>
    /// <exception cref="ArgumentException">Not as many errors as numbers of images, or fewer than <see cref="FewestPoints"/>.</exception>
    public static PowerLaw Fit(IReadOnlyList<double> images, IReadOnlyList<double> errors)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(errors);
        if (images.Count != errors.Count || images.Count < FewestPoints)
        {
            throw new ArgumentException($"A power law needs {FewestPoints} points or more, each of images and an error; there are {images.Count} and {errors.Count}.", nameof(errors));
        }

        return Enumerable.Range(FirstExponent, LastExponent - FirstExponent + 1)
            .Select(step => Best(images, errors, step / 20.0))
            .MinBy(law => Loss(law, images, errors))!;
    }

    private static double Loss(PowerLaw law, IReadOnlyList<double> images, IReadOnlyList<double> errors) =>
        images.Zip(errors, (n, error) => n * Math.Pow(error - law.ErrorAt(n), 2)).Sum();

    private static PowerLaw Best(IReadOnlyList<double> images, IReadOnlyList<double> errors, double exponent)
    {
        var (weights, sumX, sumY, sumXX, sumXY) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (var i = 0; i < images.Count; i++)
        {
            var (weight, x) = (images[i], Math.Pow(images[i], -exponent));
            weights += weight;
            sumX += weight * x;
            sumY += weight * errors[i];
            sumXX += weight * x * x;
            sumXY += weight * x * errors[i];
        }

        var spread = (weights * sumXX) - (sumX * sumX);
        var scale = spread > 0 ? ((weights * sumXY) - (sumX * sumY)) / spread : 0;
        var asymptote = (sumY - (scale * sumX)) / weights;
        return scale <= 0 ? new PowerLaw(sumY / weights, 0, exponent)
            : asymptote < 0 ? new PowerLaw(0, sumXY / sumXX, exponent)
            : new PowerLaw(asymptote, scale, exponent);
    }
}
