using OnnxTransfer.Imaging;

namespace OnnxTransfer.Engine;

/// <summary>
/// Seeded images for the proof of the cut, in the range that photos have after the recipe: large patches of colour with
/// grain, so that early and late layers both answer.
/// </summary>
internal static class ProbeImages
{
    /// <summary>Images in a probe batch.</summary>
    public const int Count = 2;

    /// <summary>The tensors of the images, in the recipe's layout.</summary>
    public static float[][] Make(Recipe recipe)
    {
        var random = new Random(20150923);
        var preprocessor = new Preprocessor(recipe with { Resize = ResizeRule.None, Crop = CropRule.Center });
        return [.. Enumerable.Range(0, Count).Select(_ =>
        {
            var tensor = new float[preprocessor.Length];
            preprocessor.Fill(Image(recipe.Size, random), tensor);
            return tensor;
        })];
    }

    private static RgbImage Image(int size, Random random)
    {
        var patch = Math.Max(1, size / 7);
        var across = (size + patch - 1) / patch;
        var colours = new byte[3 * across * across];
        random.NextBytes(colours);
        var pixels = new byte[3 * size * size];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (y, x, channel) = (i / (3 * size), i / 3 % size, i % 3);
            var colour = colours[(3 * ((y / patch * across) + (x / patch))) + channel];
            pixels[i] = (byte)Math.Clamp(colour + random.Next(-40, 41), 0, 255);
        }

        return new RgbImage(size, size, pixels);
    }
}
