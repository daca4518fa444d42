using OnnxTransfer.Imaging;

namespace OnnxTransfer.Study;

/// <summary>An image of at most 32 x 32 pixels, with the size that it was made from.</summary>
/// <param name="Image">The pixels.</param>
/// <param name="Width">Columns of the original.</param>
/// <param name="Height">Its rows.</param>
internal sealed record FinerPicture(RgbImage Image, int Width, int Height)
{
    /// <summary>Pixels along a side at most.</summary>
    public const int Side = 32;

    public static FinerPicture Of(RgbImage image) =>
        new(Resampling.Resize(image, Math.Min(Side, image.Width), Math.Min(Side, image.Height), ResizeFilter.Bilinear), image.Width, image.Height);

    public RgbImage At(int width, int height) =>
        (width, height) == (Image.Width, Image.Height) ? Image : Resampling.Resize(Image, width, height, ResizeFilter.Bilinear);
}

/// <summary>
/// Two images compared at half the size of the smaller one, 32 x 32 pixels at most: neither has details there that the other has lost
/// in shrinking, and the noise of JPEG, which is in single pixels, is averaged away.
/// </summary>
/// <param name="Alike">The correlation of their grey pixels; 0 where one has no contrast.</param>
/// <param name="Colours">The correlation of red, green and blue about the mean of all: low where only the shapes agree.</param>
internal readonly record struct PicturePair(double Alike, double Colours)
{
    /// <summary>Compares them, the second as it is or with left and right exchanged.</summary>
    public static PicturePair Of(FinerPicture one, FinerPicture other, bool mirrored)
    {
        var (width, height) = (Half(one.Width, other.Width), Half(one.Height, other.Height));
        var (first, second) = (one.At(width, height), other.At(width, height));
        second = mirrored ? Mirror(second) : second;
        var (x, y) = (new float[width * height], new float[width * height]);
        GreyPicture.Of(first, x);
        GreyPicture.Of(second, y);
        var product = 0.0;
        for (var p = 0; p < x.Length; p++)
        {
            product += (double)x[p] * y[p];
        }

        return new PicturePair(product, Correlation(first.Pixels, second.Pixels));
    }

    private static int Half(int one, int other) => Math.Clamp(Math.Min(one, other) / 2, 1, FinerPicture.Side);

    private static RgbImage Mirror(RgbImage image)
    {
        var (width, pixels) = (image.Width, new byte[image.Pixels.Length]);
        for (var p = 0; p < pixels.Length / 3; p++)
        {
            image.Pixels.AsSpan(3 * p, 3).CopyTo(pixels.AsSpan(3 * (p + width - 1 - (2 * (p % width)))));
        }

        return new RgbImage(width, image.Height, pixels);
    }

    private static double Correlation(byte[] x, byte[] y)
    {
        long sumX = 0, sumY = 0, squareX = 0, squareY = 0, product = 0;
        for (var p = 0; p < x.Length; p++)
        {
            var (a, b) = (x[p], y[p]);
            (sumX, sumY, squareX, squareY, product) = (sumX + a, sumY + b, squareX + (a * a), squareY + (b * b), product + (a * b));
        }

        double Scatter(long products, long sum, long otherSum) => (products * (double)x.Length) - ((double)sum * otherSum);
        var scale = Math.Sqrt(Scatter(squareX, sumX, sumX) * Scatter(squareY, sumY, sumY));
        return scale > 0 ? Scatter(product, sumX, sumY) / scale : 0;
    }
}
