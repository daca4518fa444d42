using System.Globalization;

namespace OnnxTransfer.Study;

/// <summary>The evidence in three sentences.</summary>
internal static class AdviceSentences
{
    public static string OfSize(DataSize size, int images, int classes, long parameters, LayerScore layer, int points, Extrapolation? extrapolation) => Invariant(
        $"{images:N0} images to learn from, {(double)images / classes:F0} a class and one for {(double)parameters / images:N0} parameters of the network; {Outlook(layer, points, extrapolation)}: {(size == DataSize.Large ? "a large set, and fine-tuning is what would bring more than a head" : "a small set")}.");

    public static string OfDepth(Depth depth) => Invariant(
        $"A head on the top, {Named(depth.Top)}, makes {Math.Exp(-depth.Lead):F2} times the errors of one on the best layer of the network's first part, {Named(depth.Middle)} (p = {depth.LeadPValue:G2}, a ratio known to a factor of {Math.Exp(depth.LeadStandardError):F1}), where similar photos have {Math.Exp(-Placement.SimilarLead):F2} or fewer; the best layer before the top is {Named(depth.Earlier)} (p = {depth.EarlierPValue:G2}).");

    public static string OfCodes(string model, Reference? reference, CodeShift? shift) => shift is null || reference is null
        ? $"No reference statistics of {model} at this image size are known, so the codes are compared with none and the similarity rests on the depth alone, which often misleads; --make-reference makes them of photos like those that the network was trained on."
        : Invariant(
            $"The codes of the network's first part, photos reduced to {ReducedPhotos.Side} pixels, have a shift of {shift.Value:F2} from the reference ({reference.MadeOf}), where those of similar photos have {Placement.SimilarShift:F0} or less; plain backgrounds and few kinds of things in the photos move them too.");

    private static string Outlook(LayerScore layer, int points, Extrapolation? extrapolation) => extrapolation is { GainInterval: var interval }
        ? Invariant($"twice as many would bring a head on {layer.Tap.Point.Name} about {100 * extrapolation.Gain:+0.0;-0.0} points ({100 * interval.Low:+0.0;-0.0;0.0} to {100 * interval.High:+0.0;-0.0;0.0})")
        : points < PowerLaw.FewestPoints ? "they are too few for a learning curve"
        : $"what twice as many would bring is not known, as the learning curve of a head on {layer.Tap.Point.Name} falls or ends away from every power law";

    private static string Named(LayerScore score) => Invariant($"{score.Tap.Point.Name} ({100 * score.CrossValidated.Accuracy:F1} %)");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
