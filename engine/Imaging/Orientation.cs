namespace OnnxTransfer.Imaging;

/// <summary>The eight orientations of EXIF (tag 0x0112).</summary>
public static class Orientation
{
    /// <summary>
    /// Turns an image upright: 1 as it is, 2 mirrored left-right, 3 turned by 180 degrees, 4 mirrored top-bottom,
    /// 5 transposed, 6 to be turned by 90 degrees clockwise, 7 transversed, 8 to be turned by 90 degrees
    /// counter-clockwise; any other value counts as 1.
    /// </summary>
    public static RgbImage Upright(RgbImage image, int exif)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (exif is < 2 or > 8)
        {
            return image;
        }

        var (width, height) = exif >= 5 ? (image.Height, image.Width) : (image.Width, image.Height);
        var pixels = new byte[image.Pixels.Length];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var (fromX, fromY) = exif switch
                {
                    2 => (width - 1 - x, y),
                    3 => (width - 1 - x, height - 1 - y),
                    4 => (x, height - 1 - y),
                    5 => (y, x),
                    6 => (y, width - 1 - x),
                    7 => (height - 1 - y, width - 1 - x),
                    _ => (height - 1 - y, x),
                };
                image.Pixels.AsSpan(3 * ((fromY * image.Width) + fromX), 3).CopyTo(pixels.AsSpan(3 * ((y * width) + x)));
            }
        }

        return new RgbImage(width, height, pixels);
    }
}
