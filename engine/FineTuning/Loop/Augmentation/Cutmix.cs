using OnnxTransfer.Imaging;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// CutMix (Yun et al. 2019): a rectangle of each image is exchanged with its partner's, and the targets are mixed by its
/// share of the area. Its sides are sqrt(1 - s) of the image's, with s of Beta(alpha, alpha), and its middle lies anywhere;
/// what goes beyond the image is cut off.
/// </summary>
internal static class Cutmix
{
    /// <summary>The rectangle of a batch, in pixels: from Left and Top to before Right and Bottom.</summary>
    public static (int Left, int Top, int Right, int Bottom) Window(int size, double share, RandomDraws draws)
    {
        ArgumentNullException.ThrowIfNull(draws);
        var half = (int)(size * Math.Sqrt(1 - share)) / 2;
        var (x, y) = (draws.Below(size), draws.Below(size));
        return (Math.Max(0, x - half), Math.Max(0, y - half), Math.Min(size, x + half), Math.Min(size, y + half));
    }

    /// <summary>Exchanges the rectangle between the pairs of a batch of images, in place.</summary>
    public static void Apply(TrainingBatch batch, (int Left, int Top, int Right, int Bottom) window, Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(recipe);
        var (planes, depth) = recipe.Layout == TensorLayout.NCHW ? (3, 1) : (1, 3);
        var (size, length) = (recipe.Size, depth * (window.Right - window.Left));
        BatchMixing.ForPairs(batch.Inputs[0], batch.Count, (a, b) =>
        {
            for (var plane = 0; plane < planes; plane++)
            {
                for (var y = window.Top; y < window.Bottom; y++)
                {
                    var start = depth * ((((plane * size) + y) * size) + window.Left);
                    Exchange(a.Span.Slice(start, length), b.Span.Slice(start, length));
                }
            }
        });
        var area = (double)(window.Right - window.Left) * (window.Bottom - window.Top);
        var kept = (float)(1 - (area / ((double)size * size)));
        BatchMixing.ForPairs(batch.Targets, batch.Count, (a, b) => BatchMixing.Mix(a.Span, b.Span, kept));
    }

    private static void Exchange(Span<float> first, Span<float> second)
    {
        for (var i = 0; i < first.Length; i++)
        {
            (first[i], second[i]) = (second[i], first[i]);
        }
    }
}
