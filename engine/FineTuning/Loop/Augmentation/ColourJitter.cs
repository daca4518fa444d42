using OnnxTransfer.Imaging;

namespace OnnxTransfer.FineTuning;

/// <summary>How much colours change: the factors of the first three are from max(0, 1 - strength) to 1 + strength.</summary>
/// <param name="Brightness">Of brightness.</param>
/// <param name="Contrast">Of contrast.</param>
/// <param name="Saturation">Of saturation.</param>
/// <param name="Hue">The shift of the hue is from -Hue to Hue, where 1 is the full circle; from 0 to 0.5.</param>
internal sealed record JitterStrength(double Brightness, double Contrast, double Saturation, double Hue);

/// <summary>
/// Changed brightness, contrast, saturation and hue (Howard 2013), as torchvision's ColorJitter defines them, in random
/// order; byte for byte what Pillow makes with the same factors.
/// </summary>
internal static class ColourJitter
{
    /// <summary>Changes all four by chance.</summary>
    public static RgbImage Apply(RgbImage image, JitterStrength strength, RandomDraws draws)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(strength);
        ArgumentNullException.ThrowIfNull(draws);
        var order = draws.Permutation(4);
        var brightness = Factor(strength.Brightness, draws);
        var contrast = Factor(strength.Contrast, draws);
        var saturation = Factor(strength.Saturation, draws);
        var hue = draws.Uniform(-strength.Hue, strength.Hue);
        foreach (var kind in order)
        {
            image = kind switch
            {
                0 => Brightness(image, brightness),
                1 => Contrast(image, contrast),
                2 => Saturation(image, saturation),
                _ => Hue(image, hue),
            };
        }

        return image;
    }

    /// <summary>Blends with black: 0 is black, 1 the image.</summary>
    public static RgbImage Brightness(RgbImage image, float factor) => Blend.WithLevel(image, 0, factor);

    /// <summary>Blends with the mean grey: 0 is that, 1 the image.</summary>
    public static RgbImage Contrast(RgbImage image, float factor)
    {
        var sum = 0L;
        for (var i = 0; i < image.Pixels.Length; i += 3)
        {
            sum += Grey(image.Pixels.AsSpan(i, 3));
        }

        return Blend.WithLevel(image, (byte)(((double)sum / (image.Pixels.Length / 3)) + 0.5), factor);
    }

    /// <summary>Blends with each pixel's grey: 0 is without colour, 1 the image.</summary>
    public static RgbImage Saturation(RgbImage image, float factor)
    {
        var pixels = new byte[image.Pixels.Length];
        for (var i = 0; i < pixels.Length; i += 3)
        {
            var pixel = image.Pixels.AsSpan(i, 3);
            var grey = Grey(pixel);
            pixels[i] = Blend.Bytes(grey, pixel[0], factor);
            pixels[i + 1] = Blend.Bytes(grey, pixel[1], factor);
            pixels[i + 2] = Blend.Bytes(grey, pixel[2], factor);
        }

        return new RgbImage(image.Width, image.Height, pixels);
    }

    /// <summary>Turns the hue by a part of the circle, from -0.5 to 0.5, through Pillow's HSV of 8 bits.</summary>
    public static RgbImage Hue(RgbImage image, double shift)
    {
        var turn = unchecked((byte)(int)(shift * 255));
        var pixels = new byte[image.Pixels.Length];
        for (var i = 0; i < pixels.Length; i += 3)
        {
            var (hue, saturation, value) = PillowHsv.FromRgb(image.Pixels[i], image.Pixels[i + 1], image.Pixels[i + 2]);
            (pixels[i], pixels[i + 1], pixels[i + 2]) = PillowHsv.ToRgb(unchecked((byte)(hue + turn)), saturation, value);
        }

        return new RgbImage(image.Width, image.Height, pixels);
    }

    private static float Factor(double strength, RandomDraws draws) => (float)draws.Uniform(Math.Max(0, 1 - strength), 1 + strength);

    // Luma of ITU-R 601 in 16 bits after the point, as Pillow rounds it.
    private static int Grey(ReadOnlySpan<byte> pixel) => ((pixel[0] * 19595) + (pixel[1] * 38470) + (pixel[2] * 7471) + 0x8000) >> 16;
}
