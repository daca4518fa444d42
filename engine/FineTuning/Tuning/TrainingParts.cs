using OnnxTransfer.Datasets;

namespace OnnxTransfer.FineTuning;

/// <summary>The parts of a set: to learn from, to validate on, to test with.</summary>
/// <param name="Train">What is learned from.</param>
/// <param name="Validation">What decides which epoch is kept; may be empty.</param>
/// <param name="Test">What is looked at once.</param>
/// <param name="WasGiven">Whether the test part is the set's own.</param>
/// <param name="Notes">What was odd.</param>
internal sealed record TrainingParts(LabelledImages Train, LabelledImages Validation, LabelledImages Test, bool WasGiven, IReadOnlyList<string> Notes)
{
    private const string GivenPart = "val";

    /// <summary>
    /// The set's test part or a stratified one; of the rest the set's val part, or by chance a share of each class, of which at
    /// least one image stays to learn from.
    /// </summary>
    /// <param name="images">The set.</param>
    /// <param name="options">Shares and seed.</param>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Data"/>: an image without a label, or one to validate on with a label that none to learn from has;
    /// <see cref="FailureKind.Usage"/>: training is to end early, and there is nothing to validate on.
    /// </exception>
    public static TrainingParts Of(LabelledImages images, FineTuneOptions options)
    {
        var parts = Split(images, options);
        var known = parts.Train.Classes.ToHashSet(StringComparer.Ordinal);
        if (parts.Validation.FirstOrDefault(image => !known.Contains(image.Label!)) is { } stranger)
        {
            throw new OnnxTransferException(
                FailureKind.Data, $"The image {stranger.Id} to validate on has the label '{stranger.Label}', which no image to learn from has; correct it or leave the image out.");
        }

        return parts.Validation.Count > 0 || options.Patience is null ? parts : throw new OnnxTransferException(
            FailureKind.Usage,
            options.ValidationShare == 0
                ? "Stopping early needs a validation part; give --validation-share, or a part called val."
                : $"Stopping early needs a validation part, and a share of {options.ValidationShare} of so few images is none; give a larger --validation-share, or leave --patience out.");
    }

    private static TrainingParts Split(LabelledImages images, FineTuneOptions options)
    {
        if (images.FirstOrDefault(image => image.Label is null) is { } bare)
        {
            throw new OnnxTransferException(
                FailureKind.Data, $"{bare.Id} of {images.Source} has no label ({images.Count(image => image.Label is null):N0} of {images.Count:N0} images have none); add it or leave the image out.");
        }

        var split = images.SplitTrainTest(options.TestShare, options.Seed);
        var given = images.OfSplit(GivenPart);
        if (given.Count > 0 || options.ValidationShare == 0)
        {
            return new(split.Train, given, split.Test, split.WasGiven, [.. split.Train.Notes.Union(split.Test.Notes)]);
        }

        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (label, place) in split.Train.Classes.Select((label, place) => (label, place)))
        {
            string[] ids = [.. split.Train.Where(image => image.Label == label).Select(image => image.Id)];
            var order = new RandomDraws(options.Seed, 0, place, RandomPurpose.Validation).Permutation(ids.Length);
            taken.UnionWith(order.Take(Math.Min(ids.Length - 1, (int)Math.Round(options.ValidationShare * ids.Length))).Select(at => ids[at]));
        }

        return new(
            split.Train.Where(image => !taken.Contains(image.Id)), split.Train.Where(image => taken.Contains(image.Id)), split.Test, split.WasGiven,
            [.. split.Train.Notes.Union(split.Test.Notes)]);
    }
}
