using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.Study;

/// <summary>Every image as a small grey picture, less its mean and of length 1, so that products of pictures are correlations.</summary>
/// <param name="Plain">N x 256: rows of pixels from the top.</param>
/// <param name="Mirrored">The same with left and right exchanged.</param>
/// <param name="Colours">N x 768: red, green and blue of the same pixels, 0 to 255.</param>
internal sealed record SmallPictures(CodeMatrix Plain, CodeMatrix Mirrored, byte[] Colours)
{
    /// <summary>Pixels along a side: any image is stretched to a square.</summary>
    public const int Side = 16;

    // Grey levels, of 255, by which pixels must differ (root mean square): less is noise, and noise looks like anything.
    private const double LeastContrast = 0.5;

    /// <summary>Decodes all images. One that cannot be read any more, or has no contrast, is a row of zeros: unlike any other.</summary>
    public static SmallPictures Of(IReadOnlyList<LabelledImage> images, ExtractionOptions options, IProgress<StudyProgress>? progress, CancellationToken cancellation)
    {
        const int Pixels = Side * Side;
        var (plain, mirrored) = (new float[checked(images.Count * Pixels)], new float[checked(images.Count * Pixels)]);
        var (colours, done) = (new byte[checked(3 * images.Count * Pixels)], 0);
        var decoding = new DecodeOptions { AllowTruncated = options.AllowTruncated };
        var threads = options.Workers > 0 ? options.Workers : Environment.ProcessorCount;
        Parallel.For(0, images.Count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, i =>
        {
            var picture = plain.AsSpan(i * Pixels, Pixels);
            try
            {
                var content = images[i].Content;
                Shrink(content.Decode(content.Read(), options.Decoder, decoding), picture, colours.AsSpan(3 * i * Pixels, 3 * Pixels));
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
        return new SmallPictures(new CodeMatrix(plain, images.Count, Pixels), new CodeMatrix(mirrored, images.Count, Pixels), colours);
    }

    /// <summary>The correlation of the colours of two pictures, about the mean of each: 1 for the same, low where only the shapes agree.</summary>
    public double ColoursAlike(int one, int other, bool mirrored)
    {
        const int Values = 3 * Side * Side;
        var x = Colours.AsSpan(one * Values, Values);
        var y = Colours.AsSpan(other * Values, Values);
        long sumX = 0, sumY = 0, squareX = 0, squareY = 0, product = 0;
        for (var p = 0; p < Values; p++)
        {
            var there = mirrored ? p + (3 * (Side - 1 - (2 * (p / 3 % Side)))) : p;
            var (a, b) = (x[p], y[there]);
            (sumX, sumY, squareX, squareY, product) = (sumX + a, sumY + b, squareX + (a * a), squareY + (b * b), product + (a * b));
        }

        double Scatter(long products, long sum, long otherSum) => (products * (double)Values) - ((double)sum * otherSum);
        var scale = Math.Sqrt(Scatter(squareX, sumX, sumX) * Scatter(squareY, sumY, sumY));
        return scale > 0 ? Scatter(product, sumX, sumY) / scale : 0;
    }

    private static void Shrink(RgbImage image, Span<float> picture, Span<byte> colours)
    {
        var small = Resampling.Resize(image, Side, Side, ResizeFilter.Bilinear).Pixels;
        small.CopyTo(colours);
        var (mean, square) = (0.0, 0.0);
        for (var p = 0; p < picture.Length; p++)
        {
            picture[p] = (0.299f * small[3 * p]) + (0.587f * small[(3 * p) + 1]) + (0.114f * small[(3 * p) + 2]);
            mean += picture[p] / picture.Length;
        }

        foreach (var grey in picture)
        {
            square += (grey - mean) * (grey - mean);
        }

        var scale = square < LeastContrast * LeastContrast * picture.Length ? 0 : 1 / Math.Sqrt(square);
        foreach (ref var grey in picture)
        {
            grey = (float)((grey - mean) * scale);
        }
    }
}
