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
/// <param name="SimilarityConfidence">1 / (1 + e^-|z|); without reference statistics half as far from 0.5.</param>
public sealed record Placement(DataSize Size, double SizeConfidence, DataSimilarity Similarity, double SimilarityConfidence)
{
    /// <summary>Images to learn from, in all and in a class, that a large set has.</summary>
    public const int LargeImages = 2000, LargePerClass = 100;

    /// <summary>The accuracy that twice the images bring where a learning curve is still steep.</summary>
    public const double SteepGain = 0.03;

    /// <summary>What similar images are above: the lead of the top, and the strength and the activity of its codes beside the reference.</summary>
    public const double SimilarLead = 0.1, SimilarStrength = 0.92, SimilarActivity = 0.4;

    // What counts as one step of evidence: a lead of as much again, codes a fifth longer, units seven times as active.
    private const double LeadStep = 0.1, StrengthStep = 0.2, ActivityStep = 2;

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
    /// <param name="top">The codes of the top beside the reference's; null without one.</param>
    public static Placement Of(int images, int classes, double? gain, Depth depth, CodeDistance? top)
    {
        ArgumentNullException.ThrowIfNull(depth);
        var size = Math.Min(Math.Log2((double)images / LargeImages), Math.Log2((double)images / classes / LargePerClass));
        size = gain is > 0 ? Math.Min(size, Math.Log2(SteepGain / gain.Value)) : size;
        var score = ScoreOf(depth, top);
        var sure = 1 / (1 + Math.Exp(-Math.Abs(score)));
        return new Placement(
            size >= 0 ? DataSize.Large : DataSize.Small,
            1 / (1 + Math.Pow(4, -Math.Abs(size))),
            score > 0 ? DataSimilarity.Similar : DataSimilarity.Different,
            top is null ? (sure + 0.5) / 2 : sure);
    }

    /// <summary>
    /// z = (lead (1 - p) - 0.1) / 0.1 + ln(strength / 0.92) / 0.2 + ln(activity / 0.4) / 2: the errors that the last part of the network
    /// saves (<see cref="Depth.Lead"/>), as far as that is no chance, how strongly the top answers (<see cref="CodeDistance.Strength"/>)
    /// and with how many of its units (<see cref="CodeDistance.Activity"/>).
    /// </summary>
    public static double ScoreOf(Depth depth, CodeDistance? top)
    {
        ArgumentNullException.ThrowIfNull(depth);
        return (((depth.Lead * (1 - depth.LeadPValue)) - SimilarLead) / LeadStep)
            + (top is null ? 0 : (Math.Log(top.Strength / SimilarStrength) / StrengthStep) + (Math.Log(top.Activity / SimilarActivity) / ActivityStep));
    }
}
