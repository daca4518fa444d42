using MathNet.Numerics.Distributions;

namespace OnnxTransfer.Study;

/// <summary>Whether two classifiers that were judged on the same images differ by more than chance.</summary>
public static class PairedTest
{
    /// <summary>
    /// The two-sided p-value of McNemar's exact test (1947): of the images on which only one of the two is right, each is as
    /// likely to be right. 1 where there are none. Images that one of them was not judged on do not count.
    /// </summary>
    /// <exception cref="ArgumentException">Not the same number of images.</exception>
    public static double PValue(IReadOnlyList<bool?> one, IReadOnlyList<bool?> other)
    {
        var (onlyOne, onlyOther, _) = Count(one, other);
        var apart = onlyOne + onlyOther;
        return apart == 0 ? 1 : Math.Min(1, 2 * Binomial.CDF(0.5, apart, Math.Min(onlyOne, onlyOther)));
    }

    /// <summary>
    /// By how much the accuracy of the one is lower than that of the other, and the standard error of that where they are equally
    /// good: with b and c images of n on which only the other and only the one is right, (b - c) / n and sqrt(b + c) / n.
    /// </summary>
    /// <exception cref="ArgumentException">Not the same number of images, or none that both were judged on.</exception>
    public static (double Loss, double StandardError) Loss(IReadOnlyList<bool?> one, IReadOnlyList<bool?> other)
    {
        var (onlyOne, onlyOther, images) = Count(one, other);
        return images > 0
            ? ((double)(onlyOther - onlyOne) / images, Math.Sqrt(onlyOne + onlyOther) / images)
            : throw new ArgumentException("There is no image that both were judged on.", nameof(other));
    }

    private static (int OnlyOne, int OnlyOther, int Images) Count(IReadOnlyList<bool?> one, IReadOnlyList<bool?> other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        if (one.Count != other.Count)
        {
            throw new ArgumentException($"There are {one.Count} images of the one and {other.Count} of the other.", nameof(other));
        }

        var (onlyOne, onlyOther, images) = (0, 0, 0);
        for (var i = 0; i < one.Count; i++)
        {
            onlyOne += one[i] is true && other[i] is false ? 1 : 0;
            onlyOther += one[i] is false && other[i] is true ? 1 : 0;
            images += one[i] is not null && other[i] is not null ? 1 : 0;
        }

        return (onlyOne, onlyOther, images);
    }

    /// <summary>
    /// The p-values of several tests, each raised so that the chance of even one false finding among all stays below the level
    /// that it is held against (Holm, 1979): the i-th smallest of n times n + 1 - i, at least the one before and at most 1.
    /// </summary>
    public static IReadOnlyList<double> Holm(IReadOnlyList<double> pValues)
    {
        ArgumentNullException.ThrowIfNull(pValues);
        var adjusted = new double[pValues.Count];
        var (least, left) = (0.0, pValues.Count);
        foreach (var i in Enumerable.Range(0, pValues.Count).OrderBy(i => pValues[i]))
        {
            least = Math.Max(least, Math.Min(1, left * pValues[i]));
            adjusted[i] = least;
            left--;
        }

        return adjusted;
    }
}
