using OnnxTransfer.Imaging;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// Pillow's Sharpness: a blend with the image smoothed by (1 1 1; 1 5 1; 1 1 1) / 13, whose border stays as it is. 0 is
/// the smoothed image, 1 the image, above 1 sharper.
/// </summary>
internal static class Sharpness
{
    /// <summary>Blurs or sharpens.</summary>
    public static RgbImage Apply(RgbImage image, float factor)
    {
        ArgumentNullException.ThrowIfNull(image);
        var line = 3 * image.Width;
        var from = image.Pixels;
        var pixels = (byte[])from.Clone();
        for (var y = 1; y < image.Height - 1; y++)
        {
            for (var i = (y * line) + 3; i < ((y + 1) * line) - 3; i++)
            {
                var sum = from[i - line - 3] + from[i - line] + from[i - line + 3]
                    + from[i - 3] + (5 * from[i]) + from[i + 3]
                    + from[i + line - 3] + from[i + line] + from[i + line + 3];
                pixels[i] = Blend.Bytes(((2 * sum) + 13) / 26, from[i], factor);
            }
        }

        return new RgbImage(image.Width, image.Height, pixels);
    }
}
