using OnnxTransfer.Imaging;

namespace OnnxTransfer.FineTuning;

/// <summary>Operations of RandAugment that send each byte of a channel through a table, byte for byte as Pillow's ImageOps.</summary>
internal static class ToneCurves
{
    /// <summary>Sends each channel through its table of 256 bytes.</summary>
    public static RgbImage Through(RgbImage image, byte[] red, byte[] green, byte[] blue)
    {
        var pixels = new byte[image.Pixels.Length];
        for (var i = 0; i < pixels.Length; i += 3)
        {
            pixels[i] = red[image.Pixels[i]];
            pixels[i + 1] = green[image.Pixels[i + 1]];
            pixels[i + 2] = blue[image.Pixels[i + 2]];
        }

        return new RgbImage(image.Width, image.Height, pixels);
    }

    /// <summary>Stretches each channel to 0..255: (v - lowest) 255 / (highest - lowest), rounded down.</summary>
    public static RgbImage AutoContrast(RgbImage image) => OfHistograms(image, static histogram =>
    {
        var (low, high) = (Array.FindIndex(histogram, static n => n > 0), Array.FindLastIndex(histogram, static n => n > 0));
        if (high <= low)
        {
            return Curve(static value => value);
        }

        var scale = 255.0 / (high - low);
        var offset = -low * scale;
        return Curve(value => (int)((value * scale) + offset));
    });

    /// <summary>Makes all levels of each channel about equally frequent.</summary>
    public static RgbImage Equalize(RgbImage image) => OfHistograms(image, static histogram =>
    {
        var last = histogram[Array.FindLastIndex(histogram, static n => n > 0)];
        var step = (histogram.Sum() - last) / 255;
        if (step == 0)
        {
            return Curve(static value => value);
        }

        var below = step / 2;
        return Curve(value =>
        {
            var level = below / step;
            below += histogram[value];
            return level;
        });
    });

    /// <summary>Keeps the highest bits of each byte.</summary>
    /// <param name="image">The image.</param>
    /// <param name="bits">How many, from 1 to 8.</param>
    public static RgbImage Posterize(RgbImage image, int bits)
    {
        var mask = ~((1 << (8 - bits)) - 1);
        var curve = Curve(value => value & mask);
        return Through(image, curve, curve, curve);
    }

    /// <summary>Inverts the bytes from a threshold on.</summary>
    public static RgbImage Solarize(RgbImage image, double threshold)
    {
        var curve = Curve(value => value < threshold ? value : 255 - value);
        return Through(image, curve, curve, curve);
    }

    private static RgbImage OfHistograms(RgbImage image, Func<int[], byte[]> curve)
    {
        int[][] histograms = [new int[256], new int[256], new int[256]];
        for (var i = 0; i < image.Pixels.Length; i++)
        {
            histograms[i % 3][image.Pixels[i]]++;
        }

        return Through(image, curve(histograms[0]), curve(histograms[1]), curve(histograms[2]));
    }

    private static byte[] Curve(Func<int, int> of)
    {
        var curve = new byte[256];
        for (var value = 0; value < 256; value++)
        {
            curve[value] = (byte)Math.Clamp(of(value), 0, 255);
        }

        return curve;
    }
}
