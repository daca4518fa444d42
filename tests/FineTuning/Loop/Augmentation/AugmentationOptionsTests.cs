namespace OnnxTransfer.FineTuning.Tests;

public sealed class AugmentationOptionsTests
{
    [Test]
    public void Every_preset_has_what_the_one_before_it_has()
    {
        var presets = AugmentationOptions.Presets.Select(AugmentationOptions.Parse).ToArray();
        Assert.That(presets.Select(static preset => preset.ChangesImages), Is.EqualTo(new[] { false, true, true, true }));
        Assert.That(presets.Select(static preset => preset.Flips), Is.EqualTo(new[] { false, true, true, true }));
        Assert.That(presets.Select(static preset => preset.SmallestCrop), Is.EqualTo(new double?[] { null, null, 0.35, 0.35 }));
        Assert.That(presets.Select(static preset => preset.Jitter is not null), Is.EqualTo(new[] { false, false, false, true }));
        Assert.That(presets.Select(static preset => preset.Operations), Is.EqualTo(new[] { 0, 0, 0, 2 }));
        Assert.That(presets.Select(static preset => preset.Name), Is.EqualTo(AugmentationOptions.Presets));
    }

    [TestCase("light", 0, 0)]
    [TestCase("light+mixup", 0.2, 0)]
    [TestCase("strong+mixup=0.4+cutmix", 0.4, 1)]
    [TestCase("none+cutmix=0.5", 0, 0.5)]
    public void Mixing_is_added_with_a_plus(string text, double mixup, double cutmix)
    {
        var options = AugmentationOptions.Parse(text);
        Assert.That((options.Mixup, options.Cutmix, options.Name), Is.EqualTo((mixup, cutmix, text)));
    }

    [TestCase("light+no-flip", false, 0.35)]
    [TestCase("light+crop=0.7", true, 0.7)]
    [TestCase("strong+no-flip+crop=0.5+mixup", false, 0.5)]
    [TestCase("none+crop=1", false, 1)]
    public void A_preset_crops_less_or_leaves_left_and_right_alone_where_it_is_told_to(string text, bool flips, double crop)
    {
        var options = AugmentationOptions.Parse(text);
        Assert.That((options.Flips, options.SmallestCrop), Is.EqualTo((flips, (double?)crop)));
    }

    [TestCase("heavy", "none, flip, light, strong")]
    [TestCase("", "none, flip, light, strong")]
    [TestCase("light+mixdown", "mixdown")]
    [TestCase("light+crop", "above 0")]
    [TestCase("light+crop=1.5", "at most 1")]
    [TestCase("light+no-flip=1", "no-flip")]
    [TestCase("light+mixup=much", "mixup=much")]
    [TestCase("light+mixup=0", "above 0")]
    [TestCase("light+cutmix=1=2", "above 0")]
    public void Anything_else_is_refused_with_what_there_is(string text, string word) =>
        Sentences.Fails(FailureKind.Usage, () => AugmentationOptions.Parse(text), word);
}
