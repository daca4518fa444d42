using OnnxTransfer.Imaging;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// The changes of one training image in their order: geometry to the network's size, mirror, colours, RandAugment. Each
/// has random numbers of its own, keyed by seed, epoch and the image's place in the set.
/// </summary>
internal sealed class Augmentation
{
    private readonly AugmentationOptions options;
    private readonly Recipe recipe;
    private readonly Preprocessor preprocessor;
    private readonly long seed;

    /// <summary>Prepares the changes.</summary>
    public Augmentation(AugmentationOptions options, Recipe recipe, long seed)
    {
        (this.options, this.recipe, this.seed) = (options, recipe, seed);
        preprocessor = new Preprocessor(recipe);
    }

    /// <summary>The elements of an image's tensor.</summary>
    public int Length => preprocessor.Length;

    /// <summary>Fills the tensor of an image, as changed in an epoch; without changes as the recipe says.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: the size does not fit the recipe.</exception>
    public void Fill(RgbImage image, int epoch, int place, Span<float> tensor)
    {
        if (options.ChangesImages)
        {
            preprocessor.FillSquare(Changed(image, epoch, place), tensor);
        }
        else
        {
            preprocessor.Fill(image, tensor);
        }
    }

    /// <summary>The image as the network sees it in an epoch: Size x Size pixels.</summary>
    public RgbImage Changed(RgbImage image, int epoch, int place)
    {
        RandomDraws Draws(RandomPurpose purpose) => new(seed, epoch, place, purpose);

        var square = options.SmallestCrop is { } smallest
            ? RandomResizedCrop.Apply(image, recipe.Size, recipe.Filter, smallest, Draws(RandomPurpose.Crop))
            : preprocessor.Geometry(image);
        if (options.Flips && Draws(RandomPurpose.Flip).Coin())
        {
            square = HorizontalFlip.Apply(square);
        }

        if (options.Jitter is { } strength)
        {
            square = ColourJitter.Apply(square, strength, Draws(RandomPurpose.Jitter));
        }

        return RandAugment.Apply(square, options.Operations, options.Magnitude, Draws(RandomPurpose.RandAugment));
    }
}
