using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.Study;

/// <summary>Every image as a small grey picture, less its mean and of length 1, so that products of pictures are correlations.</summary>
/// <param name="Plain">N x 256: rows of pixels from the top.</param>
/// <param name="Mirrored">The same with left and right exchanged.</param>
/// <param name="Finer">The images at a finer size, for <see cref="PicturePair"/>; null where one cannot be read.</param>
internal sealed record SmallPictures(CodeMatrix Plain, CodeMatrix Mirrored, IReadOnlyList<FinerPicture?> Finer)
{
    // Pixels along a side: any image is stretched to a square.
    private const int Side = 16;

    /// <summary>Decodes all images. One that cannot be read any more, or has no contrast, is a row of zeros.</summary>
    public static SmallPictures Of(IReadOnlyList<LabelledImage> images, ExtractionOptions options, IProgress<StudyProgress>? progress, CancellationToken cancellation)
    {
        const int Pixels = Side * Side;
        var (plain, mirrored) = (new float[checked(images.Count * Pixels)], new float[checked(images.Count * Pixels)]);
        var (finer, done) = (new FinerPicture?[images.Count], 0);
        var decoding = new DecodeOptions { AllowTruncated = options.AllowTruncated };
        var threads = options.Workers > 0 ? options.Workers : Environment.ProcessorCount;
        Parallel.For(0, images.Count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, i =>
        {
            var picture = plain.AsSpan(i * Pixels, Pixels);
            try
            {
                var content = images[i].Content;
                var image = content.Decode(content.Read(), options.Decoder, decoding);
                GreyPicture.Of(Resampling.Resize(image, Side, Side, ResizeFilter.Bilinear), picture);
                finer[i] = FinerPicture.Of(image);
            }
            catch (OnnxTransferException)
            {
                picture.Clear();
            }

            for (var p = 0; p < Pixels; p++)
            {
                mirrored[(i * Pixels) + p] = picture[p - (p % Side) + (Side - 1 - (p % Side))];
            }

            progress?.Report(new StudyProgress("Comparing pictures", Interlocked.Increment(ref done), images.Count));
        });
        return new SmallPictures(new CodeMatrix(plain, images.Count, Pixels), new CodeMatrix(mirrored, images.Count, Pixels), finer);
    }
}
