using OnnxTransfer.Imaging;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// RandAugment (Cubuk et al. 2020): some operations drawn at random, all at one strength. Its brightness, contrast and
/// colour are left to <see cref="ColourJitter"/>; the ranges of the others are torchvision's, except that a shear has the
/// image's middle for its centre, and what moves in from outside is grey.
/// </summary>
internal static class RandAugment
{
    /// <summary>The strength at which the ranges end.</summary>
    public const double Strongest = 30;

    // In each, m goes from 0 to 1, and is negative half of the time where the operation has two directions.
    private static readonly Func<RgbImage, double, RgbImage>[] Directed =
    [
        static (image, m) => AffineMap.Shear(image, 0.3 * m, 0).Apply(image),
        static (image, m) => AffineMap.Shear(image, 0, 0.3 * m).Apply(image),
        static (image, m) => AffineMap.Translation(150.0 / 331 * image.Width * m, 0).Apply(image),
        static (image, m) => AffineMap.Translation(0, 150.0 / 331 * image.Height * m).Apply(image),
        static (image, m) => AffineMap.Rotation(image, 30 * m).Apply(image),
        static (image, m) => Sharpness.Apply(image, (float)(1 + (0.9 * m))),
    ];

    private static readonly Func<RgbImage, double, RgbImage>[] Undirected =
    [
        static (image, _) => image,
        static (image, m) => ToneCurves.Posterize(image, 8 - (int)Math.Round(4 * m)),
        static (image, m) => ToneCurves.Solarize(image, 255 * (1 - m)),
        static (image, _) => ToneCurves.AutoContrast(image),
        static (image, _) => ToneCurves.Equalize(image),
    ];

    /// <summary>Applies <paramref name="operations"/> of them, each drawn anew.</summary>
    /// <param name="image">The image.</param>
    /// <param name="operations">How many.</param>
    /// <param name="magnitude">The strength, from 0 to <see cref="Strongest"/>.</param>
    /// <param name="draws">Random numbers.</param>
    public static RgbImage Apply(RgbImage image, int operations, double magnitude, RandomDraws draws)
    {
        ArgumentNullException.ThrowIfNull(draws);
        for (var i = 0; i < operations; i++)
        {
            var kind = draws.Below(Directed.Length + Undirected.Length);
            var m = magnitude / Strongest;
            image = kind < Directed.Length
                ? Directed[kind](image, draws.Coin() ? m : -m)
                : Undirected[kind - Directed.Length](image, m);
        }

        return image;
    }
}
