using MathNet.Numerics.Distributions;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>What twice the images would bring, by a power law through a learning curve.</summary>
/// <param name="Law">The law.</param>
/// <param name="Images">The images there are.</param>
/// <param name="Accuracy">With all of them, by the law.</param>
/// <param name="Gain">What twice as many would add to it.</param>
/// <param name="GainInterval">Of the gain, 95 %: see <see cref="Of"/>.</param>
public sealed record Extrapolation(PowerLaw Law, int Images, double Accuracy, double Gain, Interval GainInterval)
{
    /// <summary>The draws that make the interval.</summary>
    public const int Draws = 1000;

    // The width of a 95 % interval in standard deviations of the normal distribution.
    private const double Width = 2 * 1.959963984540054;

    /// <summary>
    /// Fits the law and draws the interval: every point's accuracy is drawn anew within its own interval, as if each had been
    /// measured on other images, the law is fitted again, and the middle 95 % of its gains are taken (a parametric bootstrap; Efron
    /// and Tibshirani, 1993). It knows no error of the law itself.
    /// </summary>
    /// <param name="points">The learning curve.</param>
    /// <param name="images">The images there are.</param>
    /// <returns>
    /// Null where fewer than <see cref="PowerLaw.FewestPoints"/> points differ in their images, or where the last point is more than a
    /// standard error below an earlier one or away from the law: a curve that falls, or is no power law, is not extended.
    /// </returns>
    public static Extrapolation? Of(IReadOnlyList<LearningCurvePoint> points, int images)
    {
        ArgumentNullException.ThrowIfNull(points);
        if (points.DistinctBy(static point => point.Images).Count() < PowerLaw.FewestPoints)
        {
            return null;
        }

        double[] sizes = [.. points.Select(static point => point.Images)];
        Interval[] intervals = [.. points.Select(static point => point.Estimate.Evaluation.AccuracyInterval)];
        double[] errors = [.. points.Select(static point => 1 - point.Estimate.Evaluation.Accuracy)];
        var law = PowerLaw.Fit(sizes, errors);
        var standardError = (intervals[^1].High - intervals[^1].Low) / Width;
        if (errors[^1] - errors.Min() > standardError || Math.Abs(law.ErrorAt(sizes[^1]) - errors[^1]) > standardError)
        {
            return null;
        }

        var random = new Random(0);
        var gains = new double[Draws];
        for (var draw = 0; draw < Draws; draw++)
        {
            double[] drawn = [.. errors.Select((error, i) => Math.Clamp(error + Normal.Sample(random, 0, (intervals[i].High - intervals[i].Low) / Width), 0, 1))];
            gains[draw] = GainOf(PowerLaw.Fit(sizes, drawn), images, errors[^1]);
        }

        Array.Sort(gains);
        return new Extrapolation(
            law, images, 1 - law.ErrorAt(images), GainOf(law, images, errors[^1]), new Interval(gains[Draws / 40], gains[Draws - 1 - (Draws / 40)]));
    }

    /// <summary>No more than the error that was measured: nothing else is left to gain.</summary>
    private static double GainOf(PowerLaw law, int images, double left) => Math.Min(left, law.ErrorAt(images) - law.ErrorAt(2.0 * images));
}
