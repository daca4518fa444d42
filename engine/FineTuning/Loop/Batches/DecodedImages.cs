using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.FineTuning;

/// <summary>How images are read for training.</summary>
internal sealed record ReadingOptions
{
    /// <summary>Decodes the images.</summary>
    public IImageDecoder Decoder { get; init; } = ImageDecoders.Default;

    /// <summary>Limits of the decoder.</summary>
    public DecodeOptions Decoding { get; init; } = new();

    /// <summary>Workers; 0: as many as the process may use. What they make does not depend on it.</summary>
    public int Workers { get; init; }

    /// <summary>The share of the images that may be left out.</summary>
    public double MaxBadShare { get; init; } = 1;

    /// <summary>Batches that are read ahead of the one in use, at least 1.</summary>
    public int Ahead { get; init; } = 2;

    /// <summary>The bytes of decoded pixels that stay in memory; images beyond are decoded again in each epoch.</summary>
    public long KeptBytes { get; init; } = 512L << 20;

    /// <summary>The number of threads.</summary>
    public int Threads => Workers > 0 ? Workers : Environment.ProcessorCount;
}

/// <summary>
/// The images of a set that can be used, by their place. All are decoded once before training, so that what cannot be is
/// known then: the number of batches and the length of the schedule stand from the start, and every epoch has the same
/// images. As many as fit stay decoded in memory.
/// </summary>
internal sealed class DecodedImages
{
    private readonly RgbImage?[] kept;
    private readonly ReadingOptions options;

    private DecodedImages(LabelledImages images, IReadOnlyList<SkippedImage> skipped, RgbImage?[] kept, ReadingOptions options) =>
        (Images, Skipped, this.kept, this.options) = (images, skipped, kept, options);

    /// <summary>The images that can be used.</summary>
    public LabelledImages Images { get; }

    /// <summary>The others, in the order of the set, with the reasons.</summary>
    public IReadOnlyList<SkippedImage> Skipped { get; }

    /// <summary>The pixels of the image at a place.</summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Data"/> or <see cref="FailureKind.Machine"/>: the file has changed since <see cref="Open"/>.
    /// </exception>
    public RgbImage this[int place] => kept[place] ?? Decode(Images[place], options);

    /// <summary>Decodes each image of a set once, and brings it to the recipe's size.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: no image can be used, or fewer than may be.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static DecodedImages Open(LabelledImages images, Recipe recipe, ReadingOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(options);
        var preprocessor = new Preprocessor(recipe);
        var decoded = new RgbImage?[images.Count];
        var reasons = new string?[images.Count];
        var left = options.KeptBytes;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellation };
        Parallel.For(0, images.Count, parallel, place =>
        {
            try
            {
                var image = Decode(images[place], options);
                preprocessor.Geometry(image);
                if (Interlocked.Add(ref left, -image.Pixels.Length) >= 0)
                {
                    decoded[place] = image;
                }
                else
                {
                    Interlocked.Add(ref left, image.Pixels.Length);
                }
            }
            catch (OnnxTransferException e) when (e.Kind is FailureKind.Data or FailureKind.Machine)
            {
                reasons[place] = e.Message;
            }
        });

        var skipped = images.Zip(reasons).Where(static image => image.Second is not null)
            .Select(static image => new SkippedImage(image.First.Id, image.Second!)).ToArray();
        if (skipped.Length == images.Count)
        {
            throw new OnnxTransferException(
                FailureKind.Data,
                skipped.Length > 0
                    ? $"None of the {images.Count:N0} images of {images.Source} can be used; the first one: {skipped[0].Reason}"
                    : $"{images.Source} has no images to train on; name a folder with some.");
        }

        if (skipped.Length > options.MaxBadShare * images.Count)
        {
            throw Tally.TooManyBad(images, skipped.Length, options.MaxBadShare, skipped[0].Reason);
        }

        var bad = skipped.Select(static image => image.Id).ToHashSet(StringComparer.Ordinal);
        var kept = decoded.Where((_, place) => reasons[place] is null).ToArray();
        return new DecodedImages(images.Where(image => !bad.Contains(image.Id)), skipped, kept, options);
    }

    private static RgbImage Decode(LabelledImage image, ReadingOptions options) =>
        image.Content.Decode(image.Content.Read(), options.Decoder, options.Decoding);
}
