using CsCheck;

namespace OnnxTransfer.Heads.Tests;

public class FoldsTests
{
    [Test]
    public void Every_row_is_held_out_once_and_classes_keep_their_shares() =>
        Gen.Select(Gen.Int[0, 5].Array[20, 200], Gen.Int).Where(static (truth, _) => truth.GroupBy(static k => k).Max(Enumerable.Count) > 1).Sample((truth, seed) =>
        {
            var folds = Folds.Of(truth, 6, seed, 5, null);
            Assert.That(folds.Order.Order(), Is.EqualTo(Enumerable.Range(0, truth.Length)));
            for (var k = 0; k < 6; k++)
            {
                var images = truth.Count(of => of == k);
                var heldOut = Enumerable.Range(0, folds.Count)
                    .Select(fold => folds.Order[folds.HeldOut(fold).First..folds.HeldOut(fold).End].Count(row => truth[row] == k)).ToArray();
                Assert.That(heldOut.Sum(), Is.EqualTo(images == 1 ? 0 : images));
                Assert.That(heldOut.Max() - heldOut.Min(), Is.LessThanOrEqualTo(1));
                Assert.That(images == 0 || heldOut.Max() < images, "a class stays in training");
            }
        }, iter: 200);

    [Test]
    public void A_seed_always_deals_the_same()
    {
        int[] truth = [.. Enumerable.Range(0, 12).Select(static i => i % 2)];
        var once = Folds.Of(truth, 2, 0, 5, null).Order;
        Assert.That(Folds.Of(truth, 2, 0, 5, null).Order, Is.EqualTo(once));
        Assert.That(Folds.Of(truth, 2, 1, 5, null).Order, Is.Not.EqualTo(once));
    }

    [Test]
    public void Few_images_make_fewer_folds()
    {
        Assert.That(Folds.Of([0, 0, 1, 1, 1], 2, 0, 5, null).Count, Is.EqualTo(3));
        Sentences.Fails(FailureKind.Data, () => Folds.Of([0, 1, 2], 3, 0, 5, null), "single image", "give C");
    }
}
