using OnnxTransfer.Imaging;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// A map from places of the new image to places of the old one, in pixels with the first centre at (0.5, 0.5):
/// x' = XX x + XY y + X0, y' = YX x + YY y + Y0.
/// </summary>
internal readonly record struct AffineMap(double XX, double XY, double X0, double YX, double YY, double Y0)
{
    // The middle grey that AutoAugment (Cubuk et al. 2019) lays where the old image has nothing.
    private const byte Outside = 128;

    /// <summary>Moves the image left and up by so many pixels.</summary>
    public static AffineMap Translation(double x, double y) => new(1, 0, x, 0, 1, y);

    /// <summary>Shears the image about its middle: along each axis by so many pixels for a pixel of the other.</summary>
    public static AffineMap Shear(RgbImage image, double x, double y) =>
        new(1, x, -x * image.Height / 2, y, 1, -y * image.Width / 2);

    /// <summary>Turns the image about its middle, clockwise for positive degrees.</summary>
    public static AffineMap Rotation(RgbImage image, double degrees)
    {
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        var (x, y) = (image.Width / 2.0, image.Height / 2.0);
        return new AffineMap(cos, sin, x - (cos * x) - (sin * y), -sin, cos, y + (sin * x) - (cos * y));
    }

    /// <summary>The mapped image, of the same size: Pillow's bilinear transform, rounded down as it rounds.</summary>
    public RgbImage Apply(RgbImage image)
    {
        var (width, height, from) = (image.Width, image.Height, image.Pixels);
        var pixels = new byte[from.Length];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var to = 3 * ((y * width) + x);
                var oldX = (XX * (x + 0.5)) + (XY * (y + 0.5)) + X0;
                var oldY = (YX * (x + 0.5)) + (YY * (y + 0.5)) + Y0;
                if (!(oldX >= 0 && oldX < width && oldY >= 0 && oldY < height))
                {
                    pixels.AsSpan(to, 3).Fill(Outside);
                    continue;
                }

                var (left, right) = Split(oldX - 0.5);
                var (top, down) = Split(oldY - 0.5);
                var (x0, x1) = (3 * Math.Max(left, 0), 3 * Math.Min(left + 1, width - 1));
                var (y0, y1) = (3 * width * Math.Max(top, 0), 3 * width * Math.Min(top + 1, height - 1));
                for (var c = 0; c < 3; c++)
                {
                    var upper = Between(from[y0 + x0 + c], from[y0 + x1 + c], right);
                    var lower = Between(from[y1 + x0 + c], from[y1 + x1 + c], right);
                    pixels[to + c] = (byte)Between(upper, lower, down);
                }
            }
        }

        return new RgbImage(width, height, pixels);
    }

    // The whole number below a place, which is at least -0.5, and what is above it.
    private static (int Below, double Part) Split(double place)
    {
        var below = place < 0 ? -1 : (int)place;
        return (below, place - below);
    }

    private static double Between(double a, double b, double share) => a + ((b - a) * share);
}
