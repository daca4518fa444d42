using OnnxTransfer.Datasets;
using OnnxTransfer.Heads;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.Engine;

/// <summary>An exported model against labelled photos.</summary>
/// <param name="Evaluation">Predictions against labels.</param>
/// <param name="Skipped">Images that could not be read.</param>
public sealed record ModelEvaluation(Evaluation Evaluation, IReadOnlyList<SkippedImage> Skipped)
{
    /// <summary>Classifies every image and counts what is right.</summary>
    /// <exception cref="OnnxTransferException">
    /// Data: a label that the model does not know, an image without a label, or more than <paramref name="maxBadShare"/> of
    /// the images cannot be read.
    /// </exception>
    public static ModelEvaluation Of(
        ImageClassifier model,
        LabelledImages images,
        DecodeOptions? options = null,
        double maxBadShare = 0.05,
        IProgress<int>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(images);
        var index = model.Labels.Select((label, i) => (label, i)).ToDictionary(pair => pair.label, pair => pair.i, StringComparer.Ordinal);
        new ExtractionOptions { MaxBadShare = maxBadShare }.Check();
        RequireKnownLabels(images, index);
        var (outcomes, skipped) = (new List<Outcome>(), new List<SkippedImage>());
        foreach (var (image, prediction) in images.Zip(model.Predict(images, options, cancellation)))
        {
            if (prediction.Error is { } error)
            {
                skipped.Add(new SkippedImage(image.Id, error));
                if (skipped.Count > maxBadShare * images.Count)
                {
                    throw new OnnxTransferException(
                        FailureKind.Data,
                        $"More than {100 * maxBadShare:0.#} % of the {images.Count:N0} images of {images.Source} cannot be read, the first: {skipped[0].Reason.TrimEnd('.')}; "
                        + "mend or remove them, or allow more with --max-bad.");
                }
            }
            else
            {
                var (truth, best) = (prediction.Ranked.First(item => item.Label == image.Label), prediction.Best);
                outcomes.Add(new Outcome(index[truth.Label], index[best.Label], truth.Probability, best.Probability));
            }

            progress?.Report(outcomes.Count + skipped.Count);
        }

        if (outcomes.Count == 0)
        {
            throw new OnnxTransferException(
                FailureKind.Data, $"None of the {images.Count:N0} images of {images.Source} can be read, the first: {skipped[0].Reason}");
        }

        return new ModelEvaluation(Evaluation.Of(model.Labels, outcomes), skipped);
    }

    private static void RequireKnownLabels(LabelledImages images, Dictionary<string, int> known)
    {
        if (images.Count == 0)
        {
            throw new OnnxTransferException(FailureKind.Data, $"{images.Source} has no image in that part; choose another with --part.");
        }

        if (images.FirstOrDefault(image => image.Label is null) is { } unlabelled)
        {
            throw new OnnxTransferException(
                FailureKind.Data, $"The image {unlabelled.Id} of {images.Source} has no label to compare with; use predict for images without labels.");
        }

        if (images.Classes.FirstOrDefault(label => !known.ContainsKey(label)) is { } unknown)
        {
            throw new OnnxTransferException(
                FailureKind.Data,
                $"{images.Source} has the class '{unknown}', which the model does not know; its classes are {string.Join(", ", known.Keys.Take(10))}{(known.Count > 10 ? ", ..." : string.Empty)}.");
        }
    }
}
