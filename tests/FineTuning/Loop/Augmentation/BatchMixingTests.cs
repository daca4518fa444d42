using OnnxTransfer.Imaging;

namespace OnnxTransfer.FineTuning.Tests;

public sealed class BatchMixingTests
{
    private const int Size = 6;

    private static readonly Recipe Planar = Recipe.Named("imagenet").WithSize(Size);

    [Test]
    public void Mixup_mixes_tensors_and_targets_by_the_same_share()
    {
        var batch = new TrainingBatch(3, [[1, 10, 5, 5, 3, 30]], [1, 0, 0, 1, 0, 1]);
        Mixup.Apply(batch, 0.75);
        Assert.That(batch.Inputs[0], Is.EqualTo(new[] { 1.5f, 15, 5, 5, 2.5f, 25 }));
        Assert.That(batch.Targets, Is.EqualTo(new[] { 0.75f, 0.25f, 0, 1, 0.25f, 0.75f }));
    }

    [TestCase(TensorLayout.NCHW)]
    [TestCase(TensorLayout.NHWC)]
    public void CutMix_exchanges_a_rectangle_and_mixes_targets_by_its_area(TensorLayout layout)
    {
        var batch = Numbered(2);
        var before = Numbered(2);
        Cutmix.Apply(batch, (1, 2, 4, 6), Planar with { Layout = layout });
        for (var image = 0; image < 2; image++)
        {
            for (var i = 0; i < 3 * Size * Size; i++)
            {
                var pixel = layout == TensorLayout.NCHW ? i % (Size * Size) : i / 3;
                var (y, x) = Math.DivRem(pixel, Size);
                var from = x is >= 1 and < 4 && y >= 2 ? 1 - image : image;
                Assert.That(batch.Inputs[0][(image * 3 * Size * Size) + i], Is.EqualTo(before.Inputs[0][(from * 3 * Size * Size) + i]));
            }
        }

        Assert.That(batch.Targets, Is.EqualTo(new[] { 2 / 3f, 1 / 3f, 1 / 3f, 2 / 3f }).Within(1e-6));
    }

    [Test]
    public void The_rectangle_of_CutMix_lies_in_the_image_and_is_smaller_where_more_is_kept()
    {
        var shares = new[] { 0, 0.25, 0.5, 0.75, 1 };
        var areas = shares.Select(share => Enumerable.Range(0, 500).Average(place =>
        {
            var (left, top, right, bottom) = Cutmix.Window(224, share, new RandomDraws(1, 0, place, RandomPurpose.Mix));
            Assert.That(left >= 0 && top >= 0 && left <= right && top <= bottom && right <= 224 && bottom <= 224);
            return (double)(right - left) * (bottom - top) / (224 * 224);
        })).ToArray();
        Assert.That(areas, Is.Ordered.Descending);

        // A side as long as the image whose middle is uniform keeps 3/4 of its length, on average.
        Assert.That(areas[0], Is.EqualTo(9.0 / 16).Within(0.03));
        Assert.That(areas[^1], Is.Zero);
    }

    [TestCase("none", false)]
    [TestCase("none+mixup", true)]
    [TestCase("none+cutmix", true)]
    [TestCase("none+mixup+cutmix", true)]
    public void Targets_stay_shares_and_each_class_keeps_its_total(string text, bool mixes)
    {
        var changed = 0;
        for (var index = 0; index < 50; index++)
        {
            var batch = Numbered(4);
            BatchMixing.Apply(batch, AugmentationOptions.Parse(text), Planar, new RandomDraws(1, 0, index, RandomPurpose.Mix));
            Assert.That(batch.Targets, Has.All.InRange(0, 1));
            Assert.That(batch.Targets.Chunk(4).Select(static row => row.Sum()), Has.All.EqualTo(1).Within(1e-5));
            Assert.That(batch.Inputs[0].Sum(static value => (double)value), Is.EqualTo(Numbered(4).Inputs[0].Sum(static value => (double)value)).Within(1e-1));
            changed += batch.Inputs[0].SequenceEqual(Numbered(4).Inputs[0]) ? 0 : 1;
        }

        Assert.That(changed > 25, Is.EqualTo(mixes));
    }

    /// <summary>Images of numbers that occur once, each of a class of its own.</summary>
    private static TrainingBatch Numbered(int count) => new(
        count,
        [[.. Enumerable.Range(0, count * 3 * Size * Size).Select(static i => (float)i)]],
        [.. Enumerable.Range(0, count * count).Select(i => i % (count + 1) == 0 ? 1f : 0f)]);
}
