namespace OnnxTransfer.Study;

/// <summary>Whether a set is large enough for more than a head.</summary>
public enum DataSize
{
    /// <summary>A head is what it can train.</summary>
    Small,

    /// <summary>It can train layers of the network too.</summary>
    Large,
}

/// <summary>How the images compare with those that the network was trained on.</summary>
public enum DataSimilarity
{
    /// <summary>Much alike.</summary>
    Similar,

    /// <summary>Of another kind.</summary>
    Different,
}

/// <summary>
/// The stated rule that places a set. Its few numbers are rounded by hand between the sets of docs/ADVICE.md, which says what it gets
/// wrong; it is a rule of thumb and no law.
/// </summary>
/// <param name="Size">
/// Large with at least <see cref="LargeImages"/> images to learn from, <see cref="LargePerClass"/> a class on average, and a learning
/// curve that is not steep any more: less than <see cref="SteepGain"/> from twice the images. Small otherwise.
/// </param>
/// <param name="SizeConfidence">1 / (1 + 4^-m), m the logarithm to base 2 of the factor that the tightest of the three is away from its threshold.</param>
/// <param name="Similarity">Similar where the score z is above 0: see <see cref="ScoreOf"/>.</param>
/// <param name="SimilarityConfidence">1 / (1 + e^-|z|).</param>
public sealed record Placement(DataSize Size, double SizeConfidence, DataSimilarity Similarity, double SimilarityConfidence)
{
    /// <summary>Images to learn from, in all and in a class, that a large set has.</summary>
    public const int LargeImages = 2000, LargePerClass = 100;

    /// <summary>The accuracy that twice the images bring where a learning curve is still steep.</summary>
    public const double SteepGain = 0.03;

    /// <summary>The shift that similar images are below.</summary>
    public const double SimilarShift = 1;

    /// <summary>The lead of the top that similar images are above.</summary>
    public const double SimilarLead = 0.15;

    // What counts as one step of evidence where images are many: a shift a fifth larger or smaller, a fifth more or fewer errors.
    private const double ShiftStep = 0.2, LeadStep = 0.2;

    // Depth alone was right on 202 and wrong on 86 subsamples of known kind, so it adds no more than ln(202 / 86), however clear it is.
    private const double MostOfDepth = 0.85;

    // The logarithm of a shift of nothing is not finite, and below this one it is all noise.
    private const double SmallestShift = 0.01;

    /// <summary>
    /// How sure the rule is of the quadrant: the product of both confidences. 0.25 on both thresholds, near 1 far from both. It tells
    /// how far the measurements are from the rule's thresholds, and is no frequency: too few sets are known to calibrate it.
    /// </summary>
    public double Confidence => SizeConfidence * SimilarityConfidence;

    /// <summary>Applies the rule.</summary>
    /// <param name="images">Images to learn from.</param>
    /// <param name="classes">Their classes.</param>
    /// <param name="gain">What twice the images would bring; null where that is not known, and then it decides nothing.</param>
    /// <param name="depth">Where heads do best.</param>
    /// <param name="shift">The codes beside the reference's; null without one.</param>
    public static Placement Of(int images, int classes, double? gain, Depth depth, CodeShift? shift)
    {
        ArgumentNullException.ThrowIfNull(depth);
        var size = Math.Min(Math.Log2((double)images / LargeImages), Math.Log2((double)images / classes / LargePerClass));
        size = gain is > 0 ? Math.Min(size, Math.Log2(SteepGain / gain.Value)) : size;
        var score = ScoreOf(depth, shift);
        return new Placement(
            size >= 0 ? DataSize.Large : DataSize.Small,
            1 / (1 + Math.Pow(4, -Math.Abs(size))),
            score > 0 ? DataSimilarity.Similar : DataSimilarity.Different,
            1 / (1 + Math.Exp(-Math.Abs(score))));
    }

    /// <summary>
    /// z = -ln(shift) / (0.2 + 1 / (0.2 n)) + (lead - 0.15) / (0.2 + s^2 / 0.2), the second term no further than 0.85 from 0; n is the number of
    /// images behind the shift, and s the standard error of <see cref="Depth.Lead"/>. Each term is so many steps from its threshold. A
    /// step grows with the variance of what is measured, as evidence in normal noise does: a lead without errors behind it counts nothing.
    /// Without a shift the second alone.
    /// </summary>
    public static double ScoreOf(Depth depth, CodeShift? shift)
    {
        ArgumentNullException.ThrowIfNull(depth);
        var ofDepth = Math.Clamp((depth.Lead - SimilarLead) / Step(LeadStep, depth.LeadStandardError), -MostOfDepth, MostOfDepth);
        return shift is null
            ? ofDepth
            : ofDepth + (Math.Log(SimilarShift / Math.Max(SmallestShift, shift.Value)) / Step(ShiftStep, 1 / Math.Sqrt(shift.Images)));
    }

    private static double Step(double known, double error) => known + (error * error / known);
}
