using OnnxTransfer.Datasets;

namespace OnnxTransfer.FineTuning.Tests;

public sealed class DecodedImagesTests
{
    [Test]
    public void Images_that_cannot_be_decoded_are_left_out_with_the_reason()
    {
        var images = Open(ImageSets.Of(10, 2, 7));
        Assert.That(images.Images.Select(static image => image.Id), Is.EqualTo(
            new[] { "image000", "image001", "image003", "image004", "image005", "image006", "image008", "image009" }));
        Assert.That(images.Skipped.Select(static image => (image.Id, image.Reason)), Is.EqualTo(
            new[] { ("image002", "image 2 is broken."), ("image007", "image 7 is broken.") }));
        Assert.That(images[2].Pixels, Is.EqualTo(Goldens.Noise(23, 27, 3).Pixels));
    }

    [Test]
    public void More_bad_images_than_are_allowed_are_refused() => Sentences.Fails(
        FailureKind.Data,
        () => DecodedImages.Open(ImageSets.Of(10, 2, 7), ImageSets.Recipe, new ReadingOptions { MaxBadShare = 0.1 }, CancellationToken.None),
        "2 of the 10 images", "10 % allowed", "--max-bad", "image 2 is broken");

    [TestCase(long.MaxValue, 1)]
    [TestCase(0, 2)]
    public void What_is_kept_in_memory_is_not_read_again(long bytes, int reads)
    {
        var set = ImageSets.Of(5);
        var images = Open(set, bytes);
        _ = Enumerable.Range(0, 5).Select(place => images[place]).ToArray();
        Assert.That(set.Select(static image => ((ImageSets.MadeUp)image.Content).Reads), Has.All.EqualTo(reads));
    }

    [Test]
    public void No_more_bytes_are_kept_than_may_be()
    {
        var set = ImageSets.Of(40);
        var images = Open(set, 10_000);
        var sizes = Enumerable.Range(0, 40).Select(place => images[place].Pixels.Length).ToArray();
        var kept = set.Zip(sizes).Where(static image => ((ImageSets.MadeUp)image.First.Content).Reads == 1).Sum(static image => image.Second);
        Assert.That(kept, Is.InRange(8_000, 10_000));
    }

    [Test]
    public void A_set_without_an_image_is_refused()
    {
        Sentences.Fails(FailureKind.Data, () => Open(ImageSets.Of(3, 0, 1, 2)), "None of the 3 images of made-up images", "image 0 is broken");
        Sentences.Fails(FailureKind.Data, () => Open(ImageSets.Of(0)), "no images");
    }

    [Test]
    public void It_can_be_cancelled()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.That(
            () => DecodedImages.Open(ImageSets.Of(3), ImageSets.Recipe, new ReadingOptions(), cancelled.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    private static DecodedImages Open(LabelledImages set, long bytes = 1 << 20) =>
        DecodedImages.Open(set, ImageSets.Recipe, new ReadingOptions { KeptBytes = bytes }, CancellationToken.None);
}
