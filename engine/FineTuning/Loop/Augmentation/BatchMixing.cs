using OnnxTransfer.Imaging;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// Mixes the images of a batch and their targets in pairs: the first with the last, and so on; the one in the middle of an
/// odd batch stays as it is. An epoch's order is random, so these partners are as random as any.
/// </summary>
internal static class BatchMixing
{
    /// <summary>Mixes by mixup or CutMix, as the options say; with both, by one of them by chance.</summary>
    /// <param name="batch">Changed in place.</param>
    /// <param name="options">The alphas.</param>
    /// <param name="recipe">The layout of the tensors.</param>
    /// <param name="draws">Random numbers.</param>
    public static void Apply(TrainingBatch batch, AugmentationOptions options, Recipe recipe, RandomDraws draws)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(draws);
        if (options.Mixup > 0 && (options.Cutmix <= 0 || draws.Coin()))
        {
            Mixup.Apply(batch, draws.Beta(options.Mixup));
        }
        else if (options.Cutmix > 0)
        {
            Cutmix.Apply(batch, Cutmix.Window(recipe.Size, draws.Beta(options.Cutmix), draws), recipe);
        }
    }

    /// <summary>Each of two rows becomes <paramref name="share"/> of itself and the rest of the other.</summary>
    public static void Mix(Span<float> first, Span<float> second, float share)
    {
        for (var i = 0; i < first.Length; i++)
        {
            var (a, b) = (first[i], second[i]);
            first[i] = (share * a) + ((1 - share) * b);
            second[i] = (share * b) + ((1 - share) * a);
        }
    }

    /// <summary>The two rows of every pair.</summary>
    /// <param name="values">N rows.</param>
    /// <param name="count">N.</param>
    /// <param name="mix">What is done with them.</param>
    public static void ForPairs(float[] values, int count, Action<Memory<float>, Memory<float>> mix)
    {
        var length = values.Length / count;
        for (var i = 0; i < count / 2; i++)
        {
            mix(values.AsMemory(i * length, length), values.AsMemory((count - 1 - i) * length, length));
        }
    }
}
