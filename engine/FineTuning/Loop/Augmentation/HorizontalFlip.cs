using OnnxTransfer.Imaging;

namespace OnnxTransfer.FineTuning;

/// <summary>The mirror image (Krizhevsky, Sutskever and Hinton 2012): out[y, x] = in[y, W - 1 - x].</summary>
internal static class HorizontalFlip
{
    /// <summary>Mirrors an image.</summary>
    public static RgbImage Apply(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var line = 3 * image.Width;
        var pixels = new byte[image.Pixels.Length];
        for (var row = 0; row < pixels.Length; row += line)
        {
            for (int x = 0, from = row + line - 3; x < line; x += 3, from -= 3)
            {
                pixels[row + x] = image.Pixels[from];
                pixels[row + x + 1] = image.Pixels[from + 1];
                pixels[row + x + 2] = image.Pixels[from + 2];
            }
        }

        return new RgbImage(image.Width, image.Height, pixels);
    }
}
