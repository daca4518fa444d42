using OnnxTransfer.Imaging;

namespace OnnxTransfer.Study;

/// <summary>An image of at most 32 x 32 pixels, or of more where it would be even at that size, with the size that it was made from.</summary>
/// <param name="Image">The pixels.</param>
/// <param name="Width">Columns of the original.</param>
/// <param name="Height">Its rows.</param>
internal sealed record FinerPicture(RgbImage Image, int Width, int Height)
{
    private const int Side = 32;

    // Grey levels, root mean square: a fine pattern that has fewer when it is shrunk is kept at twice the size.
    private const double Even = 2;

    public static FinerPicture Of(RgbImage image)
    {
        var side = Side;
        var small = Shrunk(image, side);
        while (GreyPicture.Contrast(small) < Even && side < Math.Min(image.Width, image.Height))
        {
            side *= 2;
            small = Shrunk(image, side);
        }

        return new FinerPicture(small, image.Width, image.Height);
    }

    public RgbImage At(int width, int height) =>
        (width, height) == (Image.Width, Image.Height) ? Image : Resampling.Resize(Image, width, height, ResizeFilter.Bilinear);

    private static RgbImage Shrunk(RgbImage image, int side) => Resampling.Resize(image, Math.Min(side, image.Width), Math.Min(side, image.Height), ResizeFilter.Bilinear);
}

/// <summary>
/// Two images compared at half the size of the smaller one, and no more than both <see cref="FinerPicture"/>s have: neither has details there that the other has lost
/// in shrinking, and the noise of JPEG, which is in single pixels, is averaged away.
/// </summary>
/// <param name="Alike">The correlation of their grey pixels; 0 where one has no contrast.</param>
/// <param name="Colours">The correlation of red, green and blue about the mean of all: low where only the shapes agree.</param>
internal readonly record struct PicturePair(double Alike, double Colours)
{
    /// <summary>Compares them, the second as it is or with left and right exchanged.</summary>
    public static PicturePair Of(FinerPicture one, FinerPicture other, bool mirrored)
    {
        var width = Side(one.Width, other.Width, one.Image.Width, other.Image.Width);
        var height = Side(one.Height, other.Height, one.Image.Height, other.Image.Height);
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

    private static int Side(int one, int other, int kept, int otherKept) => Math.Max(1, Math.Min(Math.Min(one, other) / 2, Math.Min(kept, otherKept)));

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
