using System.Runtime.InteropServices;
using System.Security.Cryptography;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.FineTuning.Tests;

public sealed class BatchReaderTests
{
    [TestCase("none", 1)]
    [TestCase("light+mixup", 2)]
    [TestCase("strong+mixup+cutmix", 3)]
    public void Batches_have_the_same_bits_for_any_number_of_workers(string augmentation, int ahead)
    {
        var one = Digests(augmentation, 1, ahead, 0, 0);
        Assert.That(one, Has.Length.EqualTo(15));
        Assert.That(one.Distinct().Count(), Is.EqualTo(15));
        Assert.That(Digests(augmentation, 4, ahead, 0, 0), Is.EqualTo(one));
        Assert.That(Digests(augmentation, 9, 1, 0, 0, keptBytes: 0), Is.EqualTo(one));
    }

    [Test]
    public void Resumed_in_the_middle_the_batches_are_those_of_an_uninterrupted_training()
    {
        var all = Digests("strong+mixup+cutmix", 2, 2, 0, 0);
        Assert.That(Digests("strong+mixup+cutmix", 2, 2, 1, 3), Is.EqualTo(all[8..]));
    }

    [Test]
    public void Without_changes_a_batch_is_what_the_recipe_makes_of_its_images()
    {
        var set = ImageSets.Of(7);
        var preprocessor = new Preprocessor(ImageSets.Recipe);
        using var reader = Reader(Filler(set, "none"), EpochOrder.InPlace(7, 3), 2);
        var place = 0;
        while (reader.Next() is { } batch)
        {
            foreach (var (slot, id) in batch.Ids.Index())
            {
                var expected = new float[preprocessor.Length];
                preprocessor.Fill(Goldens.Noise(20 + (place % 7), 30 - (place % 5), place), expected);
                Assert.That(batch.Data.Inputs[0][(slot * expected.Length)..((slot + 1) * expected.Length)], Is.EqualTo(expected));
                Assert.That(batch.Data.Targets[(2 * slot)..(2 * (slot + 1))], Is.EqualTo(place % 3 == 0 ? new[] { 1f, 0 } : [0, 1]));
                Assert.That(id, Is.EqualTo(set[place].Id));
                place++;
            }
        }

        Assert.That(place, Is.EqualTo(7));
        Assert.That(reader.Next(), Is.Null);
    }

    [Test]
    public void No_more_batches_are_begun_than_may_be_ahead()
    {
        var begun = 0;
        IEnumerable<PlannedBatch> Plan()
        {
            foreach (var batch in EpochOrder.InPlace(40, 2))
            {
                Interlocked.Increment(ref begun);
                yield return batch;
            }
        }

        using var reader = Reader(Filler(ImageSets.Of(40), "none"), Plan(), 4);
        for (var given = 1; reader.Next() is not null; given++)
        {
            Thread.Sleep(2);
            Assert.That(Volatile.Read(ref begun), Is.InRange(given, given + 2));
        }

        Assert.That(begun, Is.EqualTo(20));
    }

    [Test]
    public void An_image_that_breaks_later_ends_the_reading_with_its_sentence()
    {
        var set = ImageSets.Of(20);
        var images = DecodedImages.Open(set, ImageSets.Recipe, new ReadingOptions { KeptBytes = 0 }, CancellationToken.None);
        ((ImageSets.MadeUp)set[13].Content).IsBroken = true;
        var filler = new BatchFiller(images, ["a", "b"], ImageSets.Recipe, new AugmentationOptions(), 1);
        using var reader = Reader(filler, EpochOrder.InPlace(20, 4), 3);
        Sentences.Fails(
            FailureKind.Data,
            () =>
            {
                while (reader.Next() is not null)
                {
                }
            },
            "image 13 is broken");
    }

    [Test]
    public void A_label_that_is_none_of_the_classes_is_refused() =>
        Sentences.Fails(
            FailureKind.Data,
            () => _ = new BatchFiller(Opened(ImageSets.Of(3)), ["a"], ImageSets.Recipe, new AugmentationOptions(), 1),
            "image001",
            "'b'");

    [Test]
    public void Cancelled_it_says_so_and_leaves_no_thread()
    {
        using var cancellation = new CancellationTokenSource();
        var reader = new BatchReader(Filler(ImageSets.Of(40), "light"), Endless(), new ReadingOptions { Workers = 3 }, cancellation.Token);
        Assert.That(reader.Next(), Is.Not.Null);
        cancellation.Cancel();
        Assert.That(reader.Next, Throws.InstanceOf<OperationCanceledException>());
        reader.Dispose();
        Assert.That(reader.IsWorking, Is.False);
    }

    [Test]
    public void Disposed_in_the_middle_it_leaves_no_thread()
    {
        foreach (var taken in Enumerable.Range(0, 4))
        {
            var reader = Reader(Filler(ImageSets.Of(40), "light"), Endless(), 4);
            for (var i = 0; i < taken; i++)
            {
                reader.Next();
            }

            reader.Dispose();
            Assert.That(reader.IsWorking, Is.False);
            Assert.That(reader.Next, Throws.InstanceOf<ObjectDisposedException>());
        }
    }

    private static IEnumerable<PlannedBatch> Endless() => new EpochOrder(1, 40, 8, LastBatch.Keep).From(0, 0, int.MaxValue);

    private static string[] Digests(string augmentation, int workers, int ahead, int epoch, int batch, long keptBytes = 20_000)
    {
        var filler = Filler(ImageSets.Of(23, 4), augmentation, keptBytes);
        var plan = new EpochOrder(3, 22, 5, LastBatch.Keep).From(epoch, batch, 3);
        using var reader = Reader(filler, plan, workers, ahead);
        var digests = new List<string>();
        while (reader.Next() is { } next)
        {
            var digest = SHA256.HashData([.. MemoryMarshal.AsBytes(next.Data.Inputs[0].AsSpan()), .. MemoryMarshal.AsBytes(next.Data.Targets.AsSpan())]);
            digests.Add($"{next.Plan.Epoch}/{next.Plan.Index} {string.Join(' ', next.Ids)} {Convert.ToHexStringLower(digest)}");
        }

        return [.. digests];
    }

    private static DecodedImages Opened(Datasets.LabelledImages set, long keptBytes = 20_000) =>
        DecodedImages.Open(set, ImageSets.Recipe, new ReadingOptions { KeptBytes = keptBytes }, CancellationToken.None);

    private static BatchFiller Filler(Datasets.LabelledImages set, string augmentation, long keptBytes = 20_000) =>
        new(Opened(set, keptBytes), ["a", "b"], ImageSets.Recipe, AugmentationOptions.Parse(augmentation), 3);

    private static BatchReader Reader(BatchFiller filler, IEnumerable<PlannedBatch> plan, int workers, int ahead = 2) =>
        new(filler, plan, new ReadingOptions { Workers = workers, Ahead = ahead }, CancellationToken.None);
}
