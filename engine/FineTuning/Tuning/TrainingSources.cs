using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.FineTuning;

/// <summary>Where the batches of a training come from.</summary>
/// <param name="Training">What is learned from.</param>
/// <param name="Validation">What is validated on; null: nothing.</param>
/// <param name="Skipped">Images that cannot be used.</param>
/// <param name="Store">What the frozen part made of the images, where that is kept; it is let go of at the end.</param>
internal sealed record TrainingSources(BatchSource Training, BatchSource? Validation, IReadOnlyList<SkippedImage> Skipped, Codes? Store) : IDisposable
{
    /// <summary>Batches of images: changed by chance to learn from, as they are to validate on.</summary>
    public static TrainingSources OfImages(
        Recipe recipe, TrainingParts parts, IReadOnlyList<string> classes, AugmentationOptions augmentation, FineTuneOptions options, FrozenNetwork? frozen,
        CancellationToken cancellation)
    {
        var reading = new ReadingOptions
        {
            Decoder = options.Extraction.Decoder,
            Decoding = new DecodeOptions { AllowTruncated = options.Extraction.AllowTruncated },
            Workers = options.Extraction.Workers,
            MaxBadShare = options.Extraction.MaxBadShare,
        };
        var training = DecodedImages.Open(parts.Train, recipe, reading, cancellation);
        var validation = parts.Validation.Count > 0 ? DecodedImages.Open(parts.Validation, recipe, reading, cancellation) : null;
        return new(
            Source(training, augmentation), validation is null ? null : Source(validation, new AugmentationOptions()), [.. training.Skipped.Concat(validation?.Skipped ?? [])], null);

        BatchSource Source(DecodedImages images, AugmentationOptions changes) =>
            BatchSource.OfImages(images, new BatchFiller(images, classes, recipe, changes, options.Seed), reading, frozen);
    }

    /// <summary>
    /// The border between what is frozen and what is learned as columns of codes: whole maps of the network, or the codes that its
    /// head reads; null where a tensor is neither.
    /// </summary>
    public static IReadOnlyList<Tap>? Columns(TapCatalog taps, Tap head, IEnumerable<string> border)
    {
        var columns = border.Select(tensor => tensor == ClassifierGraph.Codes ? head
            : taps.Points.FirstOrDefault(point => point.Name == tensor) is { } point ? new Tap(point, Pooling.Flatten) : null).ToList();
        return columns.Contains(null) ? null : [.. columns.OfType<Tap>()];
    }

    /// <summary>Batches of what the frozen part makes of each image, extracted once, as codes are.</summary>
    public static TrainingSources OfCodes(
        Backbone backbone, TrainingParts parts, IReadOnlyList<Tap> taps, IReadOnlyList<string> classes, FineTuneOptions options,
        IProgress<ExtractionProgress>? progress, CancellationToken cancellation)
    {
        var images = new LabelledImages(parts.Train.Source, parts.Train.Concat(parts.Validation));
        var codes = backbone.Extract(images, taps, options.Store, options.Extraction, progress, cancellation);
        CodeColumn[] columns = [.. taps.Select(tap => codes.Column(tap))];
        var validated = Rows(parts.Validation);
        return new(
            BatchSource.OfCodes(codes, columns, Rows(parts.Train), classes), validated.Length > 0 ? BatchSource.OfCodes(codes, columns, validated, classes) : null, codes.Skipped, codes);

        int[] Rows(LabelledImages part)
        {
            var ids = part.Select(image => image.Id).ToHashSet(StringComparer.Ordinal);
            return [.. Enumerable.Range(0, codes.Ids.Count).Where(row => ids.Contains(codes.Ids[row]))];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Store?.Dispose();
}
