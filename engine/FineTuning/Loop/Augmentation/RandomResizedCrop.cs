using OnnxTransfer.Imaging;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// A random window of the image, resized to the network's square (Szegedy et al. 2015, torchvision's rule): a share of the
/// area from <c>smallest</c> to 1 and a ratio of width to height from 3/4 to 4/3, uniform in its logarithm. If ten tries do
/// not fit into the image, the largest window in its middle with a ratio in that range.
/// </summary>
internal static class RandomResizedCrop
{
    private const double Narrowest = 3.0 / 4;
    private const double Widest = 4.0 / 3;

    /// <summary>Cuts a window and resizes it to <paramref name="size"/> x <paramref name="size"/>.</summary>
    public static RgbImage Apply(RgbImage image, int size, ResizeFilter filter, double smallest, RandomDraws draws)
    {
        ArgumentNullException.ThrowIfNull(image);
        var (left, top, width, height) = Window(image.Width, image.Height, smallest, draws);
        var window = Resampling.ResizeWindow(image, image.Width, image.Height, filter, left, top, width, height);
        return Resampling.Resize(window, size, size, filter);
    }

    /// <summary>Where the window lies, in pixels.</summary>
    public static (int Left, int Top, int Width, int Height) Window(int width, int height, double smallest, RandomDraws draws)
    {
        ArgumentNullException.ThrowIfNull(draws);
        var area = (double)width * height;
        for (var attempt = 0; attempt < 10; attempt++)
        {
            var share = draws.Uniform(smallest, 1);
            var ratio = Math.Exp(draws.Uniform(Math.Log(Narrowest), Math.Log(Widest)));
            var w = (int)Math.Round(Math.Sqrt(area * share * ratio));
            var h = (int)Math.Round(Math.Sqrt(area * share / ratio));
            if (w > 0 && w <= width && h > 0 && h <= height)
            {
                var top = draws.Below(height - h + 1);
                return (draws.Below(width - w + 1), top, w, h);
            }
        }

        var (middleWidth, middleHeight) = ((double)width / height) switch
        {
            < Narrowest => (width, (int)Math.Round(width / Narrowest)),
            > Widest => ((int)Math.Round(height * Widest), height),
            _ => (width, height),
        };
        return ((width - middleWidth) / 2, (height - middleHeight) / 2, middleWidth, middleHeight);
    }
}
