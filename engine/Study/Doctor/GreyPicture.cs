using OnnxTransfer.Imaging;

namespace OnnxTransfer.Study;

/// <summary>Grey pixels as a vector, less their mean and of length 1.</summary>
internal static class GreyPicture
{
    // Grey levels, of 255, by which pixels must differ (root mean square): less is noise, and noise looks like anything.
    private const double LeastContrast = 0.5;

    /// <summary>Fills it with the grey of an image's pixels, row by row; with zeros where they have no contrast.</summary>
    /// <param name="image">Width x height pixels.</param>
    /// <param name="picture">Width x height numbers.</param>
    public static void Of(RgbImage image, Span<float> picture)
    {
        var square = LessMean(image, picture);
        var scale = square < LeastContrast * LeastContrast * picture.Length ? 0 : 1 / Math.Sqrt(square);
        foreach (ref var grey in picture)
        {
            grey = (float)(grey * scale);
        }
    }

    /// <summary>The root mean square of an image's grey about its mean, in levels of 255.</summary>
    public static double Contrast(RgbImage image) => Math.Sqrt(LessMean(image, new float[image.Width * image.Height]) / (image.Width * image.Height));

    /// <summary>Fills in the grey less its mean, and gives the sum of the squares.</summary>
    private static double LessMean(RgbImage image, Span<float> picture)
    {
        var (pixels, mean, square) = (image.Pixels, 0.0, 0.0);
        for (var p = 0; p < picture.Length; p++)
        {
            picture[p] = (0.299f * pixels[3 * p]) + (0.587f * pixels[(3 * p) + 1]) + (0.114f * pixels[(3 * p) + 2]);
            mean += picture[p] / picture.Length;
        }

        foreach (ref var grey in picture)
        {
            grey = (float)(grey - mean);
            square += grey * (double)grey;
        }

        return square;
    }
}
