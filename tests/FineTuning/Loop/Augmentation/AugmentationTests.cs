using OnnxTransfer.Imaging;

namespace OnnxTransfer.FineTuning.Tests;

public sealed class AugmentationTests
{
    private static readonly Recipe Small = Recipe.Named("imagenet").WithSize(32);

    [Test]
    public void None_is_the_recipes_own_preprocessing()
    {
        var image = Goldens.Noise(70, 50, 1);
        var expected = new float[3 * 32 * 32];
        new Preprocessor(Small).Fill(image, expected);
        Assert.That(Tensor("none", image, 3, 4), Is.EqualTo(expected));
    }

    [Test]
    public void Flip_gives_the_recipes_pixels_or_their_mirror_image_half_of_the_time_each()
    {
        var image = Goldens.Noise(70, 50, 1);
        var plain = new Preprocessor(Small).Geometry(image);
        var flipped = HorizontalFlip.Apply(plain);
        var augmentation = new Augmentation(AugmentationOptions.Parse("flip"), Small, 1);
        var seen = Enumerable.Range(0, 400).Select(place => augmentation.Changed(image, 0, place).Pixels).ToArray();
        Assert.That(seen.All(pixels => pixels.SequenceEqual(plain.Pixels) || pixels.SequenceEqual(flipped.Pixels)));
        Assert.That(seen.Count(pixels => pixels.SequenceEqual(flipped.Pixels)), Is.EqualTo(200).Within(40));
    }

    [TestCase("light")]
    [TestCase("strong")]
    public void An_image_differs_by_epoch_place_and_seed_and_is_the_same_for_the_same(string name)
    {
        var image = Goldens.Noise(70, 50, 1);
        float[][] tensors = [Tensor(name, image, 0, 0), Tensor(name, image, 1, 0), Tensor(name, image, 0, 1), Tensor(name, image, 0, 0, seed: 2)];
        Assert.That(tensors.Select(static tensor => tensor.Sum()).Distinct().Count(), Is.EqualTo(4));
        Assert.That(Tensor(name, image, 0, 0), Is.EqualTo(tensors[0]));
    }

    [Test]
    public void Another_change_after_it_leaves_the_window_and_the_mirror_as_they_were()
    {
        var image = Goldens.Noise(70, 50, 1);
        var light = AugmentationOptions.Parse("light");
        var gentle = light with { Jitter = new JitterStrength(0, 0, 0, 0) };
        var grey = new RgbImage(70, 50, [.. image.Pixels.Chunk(3).SelectMany(static pixel => Enumerable.Repeat(pixel[0], 3))]);
        Assert.That(new Augmentation(gentle, Small, 1).Changed(grey, 5, 6).Pixels, Is.EqualTo(new Augmentation(light, Small, 1).Changed(grey, 5, 6).Pixels));
    }

    [Test]
    public void Brightness_of_the_jitter_has_the_mean_and_deviation_of_its_range()
    {
        var grey = new RgbImage(1, 1, [100, 100, 100]);
        var values = Enumerable.Range(0, 4000)
            .Select(place => (double)ColourJitter.Apply(grey, new JitterStrength(0.4, 0, 0, 0), new RandomDraws(1, 0, place, RandomPurpose.Jitter)).Pixels[0])
            .ToArray();

        // Uniform from 60 to 140, rounded down.
        Assert.That(values.Average(), Is.EqualTo(99.5).Within(1.6));
        Assert.That(Math.Sqrt(values.Average(value => (value - 99.5) * (value - 99.5))), Is.EqualTo(80 / Math.Sqrt(12)).Within(1));
    }

    [Test]
    public void RandAugment_applies_as_many_operations_as_it_is_told_and_each_of_them_in_time()
    {
        var image = new RgbImage(20, 20, [.. Goldens.Noise(20, 20, 2).Pixels.Select(static value => (byte)(40 + (value / 2)))]);
        var results = Enumerable.Range(0, 600)
            .Select(place => Goldens.Digest(RandAugment.Apply(image, 1, 15, new RandomDraws(1, 0, place, RandomPurpose.RandAugment))))
            .CountBy(static digest => digest).ToDictionary();

        // Six operations in two directions and five in one, each of the eleven equally often.
        Assert.That(results, Has.Count.EqualTo(17));
        Assert.That(results[Goldens.Digest(image)], Is.EqualTo(600 / 11.0).Within(30));
        Assert.That(results.Values, Has.All.GreaterThan(8));
        Assert.That(RandAugment.Apply(image, 0, 15, new RandomDraws(1, 0, 0, RandomPurpose.RandAugment)), Is.SameAs(image));
    }

    private static float[] Tensor(string name, RgbImage image, int epoch, int place, long seed = 1)
    {
        var augmentation = new Augmentation(AugmentationOptions.Parse(name), Small, seed);
        var tensor = new float[augmentation.Length];
        augmentation.Fill(image, epoch, place, tensor);
        return tensor;
    }
}
