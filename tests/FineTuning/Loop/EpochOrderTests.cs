namespace OnnxTransfer.FineTuning.Tests;

public sealed class EpochOrderTests
{
    [Test]
    public void Every_epoch_has_every_image_once_in_an_order_of_its_own()
    {
        var order = new EpochOrder(1, 103, 10, LastBatch.Keep);
        var epochs = order.From(0, 0, 4).GroupBy(static batch => batch.Epoch, static batch => batch.Places)
            .Select(static batches => batches.SelectMany(static places => places).ToArray()).ToArray();
        Assert.That(epochs, Has.Length.EqualTo(4));
        Assert.That(epochs, Has.All.EquivalentTo(Enumerable.Range(0, 103)));
        Assert.That(epochs.Select(static places => string.Join(' ', places)).Distinct().Count(), Is.EqualTo(4));
        Assert.That(new EpochOrder(2, 103, 10, LastBatch.Keep).Places(0), Is.Not.EqualTo(order.Places(0)));
    }

    [Test]
    public void The_order_of_images_does_not_depend_on_the_size_of_batches() =>
        Assert.That(new EpochOrder(1, 103, 7, LastBatch.Keep).Places(3), Is.EqualTo(new EpochOrder(1, 103, 64, LastBatch.Drop).Places(3)));

    [Test]
    public void Resumed_at_any_batch_the_rest_is_what_it_would_have_been()
    {
        var order = new EpochOrder(5, 23, 4, LastBatch.Merge);
        var all = order.From(0, 0, 3).Select(Text).ToArray();
        for (var done = 0; done < all.Length; done++)
        {
            var (epoch, batch) = Math.DivRem(done, order.Batches);
            Assert.That(order.From(epoch, batch, 3).Select(Text), Is.EqualTo(all[done..]));
        }
    }

    [TestCase(nameof(LastBatch.Keep), 12, 4, "4 4 4")]
    [TestCase(nameof(LastBatch.Keep), 13, 4, "4 4 4 1")]
    [TestCase(nameof(LastBatch.Merge), 13, 4, "4 4 5")]
    [TestCase(nameof(LastBatch.Merge), 14, 4, "4 4 4 2")]
    [TestCase(nameof(LastBatch.Drop), 13, 4, "4 4 4")]
    [TestCase(nameof(LastBatch.Drop), 15, 4, "4 4 4")]
    [TestCase(nameof(LastBatch.Drop), 3, 4, "3")]
    [TestCase(nameof(LastBatch.Merge), 3, 4, "3")]
    [TestCase(nameof(LastBatch.Keep), 1, 4, "1")]
    public void The_rest_of_an_epoch_is_kept_merged_or_dropped(string last, int count, int size, string sizes)
    {
        var order = new EpochOrder(1, count, size, Enum.Parse<LastBatch>(last));
        var batches = order.From(0, 0, 1).ToArray();
        Assert.That(string.Join(' ', batches.Select(static batch => batch.Places.Count)), Is.EqualTo(sizes));
        Assert.That(order.Batches, Is.EqualTo(batches.Length));
        Assert.That(batches.Select(static batch => batch.Index), Is.EqualTo(Enumerable.Range(0, batches.Length)));
    }

    [Test]
    public void Batches_of_one_image_are_refused_where_a_network_learns_from_their_variance()
    {
        Sentences.Fails(FailureKind.Usage, () => _ = new EpochOrder(1, 1, 8, LastBatch.Merge), "one image", "larger batches");
        Sentences.Fails(FailureKind.Usage, () => _ = new EpochOrder(1, 8, 1, LastBatch.Drop), "one image");
    }

    [Test]
    public void Evaluation_takes_the_images_as_they_stand() =>
        Assert.That(EpochOrder.InPlace(5, 2).Select(Text), Is.EqualTo(new[] { "0/0: 0 1", "0/1: 2 3", "0/2: 4" }));

    private static string Text(PlannedBatch batch) => $"{batch.Epoch}/{batch.Index}: {string.Join(' ', batch.Places)}";
}
