namespace OnnxTransfer.Study;

/// <summary>Where along the network heads do best: at the top, or before it.</summary>
/// <param name="Top">What the classifier reads, or the last layer.</param>
/// <param name="Earlier">The best layer before the top, of equals the deepest.</param>
/// <param name="Middle">The best layer of the network's first part: see <see cref="FirstPart"/>.</param>
public sealed record Depth(LayerScore Top, LayerScore Earlier, LayerScore Middle)
{
    /// <summary>
    /// The share of the top's multiply-accumulates that ends the network's first part: about three stages of four. What comes behind it
    /// was trained to tell the pretraining's own subjects apart.
    /// </summary>
    public const double FirstPartShare = 0.7;

    /// <summary>
    /// What the last part of the network saves in errors: ln(e / t) with the cross-validated errors e of the middle and t of the top,
    /// each with half an image more, that a layer without errors has a logarithm.
    /// </summary>
    public double Lead => Math.Log(Errors(Middle) / Errors(Top));

    /// <summary>
    /// The standard error of <see cref="Lead"/>: sqrt((b + c + 1) / (e t)), b and c the images on which only the one and only the other
    /// is right. Without errors it is 2, and the lead tells nothing.
    /// </summary>
    public double LeadStandardError
    {
        get
        {
            var apart = Top.HeldOut.Zip(Middle.HeldOut).Count(static pair => pair is (true, false) or (false, true));
            return Math.Sqrt((apart + 1) / (Errors(Top) * Errors(Middle)));
        }
    }

    /// <summary>Of top and middle, McNemar's exact test, two-sided.</summary>
    public double LeadPValue => PairedTest.PValue(Top.HeldOut, Middle.HeldOut);

    /// <summary>Of top and best earlier layer.</summary>
    public double EarlierPValue => PairedTest.PValue(Top.HeldOut, Earlier.HeldOut);

    /// <summary>The layers before the top, which <see cref="Earlier"/> is the best of.</summary>
    public int EarlierLayers { get; init; } = 1;

    /// <summary>Whether the top is better than every earlier layer by more than chance.</summary>
    public bool TopWins => Errors(Top) < Errors(Earlier) && EarlierPValue < Recommendation.Level;

    /// <summary>Whether an earlier layer is better than the top by more than chance, which the best of several is more easily (Bonferroni).</summary>
    public bool EarlierWins => Errors(Earlier) < Errors(Top) && EarlierPValue * EarlierLayers < Recommendation.Level;

    /// <summary>Reads it off a study of layers.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Model"/>: no layer lies before the top.</exception>
    public static Depth Of(IReadOnlyList<LayerScore> scores, string top)
    {
        ArgumentNullException.ThrowIfNull(scores);
        var last = scores.First(score => score.Tap.Point.Name == top);
        var earlier = Before(scores, last);
        return earlier.Length == 0
            ? throw new OnnxTransferException(
                FailureKind.Model, $"The network has no layer before {top} to compare it with, so nothing can be advised; take it with `onnxtransfer fit`.")
            : new Depth(last, Best(earlier), Best(FirstPart(scores, last))) { EarlierLayers = earlier.Length };
    }

    /// <summary>The layers within the first <see cref="FirstPartShare"/> of the top's multiply-accumulates, or else the first before it.</summary>
    public static IReadOnlyList<LayerScore> FirstPart(IReadOnlyList<LayerScore> scores, LayerScore top)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(top);
        var earlier = Before(scores, top);
        LayerScore[] first = [.. earlier.Where(score => score.Tap.Point.CostPercent <= FirstPartShare * top.Tap.Point.CostPercent)];
        return first.Length > 0 ? first : earlier[..Math.Min(1, earlier.Length)];
    }

    private static LayerScore[] Before(IEnumerable<LayerScore> scores, LayerScore top) =>
        [.. scores.Where(score => score.Tap.Point.CostPercent < top.Tap.Point.CostPercent)];

    // Of equals the deepest: where images are too few to tell layers apart, the stem is no safer a choice for being cheap.
    private static LayerScore Best(IEnumerable<LayerScore> scores) =>
        scores.OrderByDescending(static score => score.CrossValidated.Accuracy).ThenByDescending(static score => score.Tap.Point.CostPercent).First();

    private static double Errors(LayerScore score) => score.HeldOut.Count(static right => right is false) + 0.5;
}
