using CsCheck;

namespace OnnxTransfer.Heads.Tests;

public class FoldsTests
{
    private static Folds Of(int[] truth, int seed, int wanted = 5, int[]? groups = null) => Folds.Of(truth, truth.Max() + 1, seed, wanted, groups);

    private static int[] HeldOut(Folds folds, int fold) => folds.Order[folds.HeldOut(fold).First..folds.HeldOut(fold).End];

    [Test]
    public void Every_row_is_held_out_once_and_classes_keep_their_shares() =>
        Gen.Select(Gen.Int[0, 5].Array[20, 200], Gen.Int, Gen.Int[2, 20])
            .Where(static (truth, _, _) => truth.GroupBy(static k => k).Max(Enumerable.Count) > 1).Sample((truth, seed, wanted) =>
            {
                var folds = Of(truth, seed, wanted);
                Assert.That(folds.Count, Is.EqualTo(Math.Min(wanted, truth.GroupBy(static k => k).Max(Enumerable.Count))));
                Assert.That(folds.Order.Order(), Is.EqualTo(Enumerable.Range(0, truth.Length)));
                AssertShares(folds, truth);
            }, iter: 200);

    [Test]
    public void A_seed_always_deals_the_same([Values] bool grouped)
    {
        int[] truth = [.. Enumerable.Range(0, 24).Select(static i => i % 2)];
        int[]? groups = grouped ? [.. Enumerable.Range(0, 24).Select(static i => i / 2)] : null;
        var once = Of(truth, 0, 5, groups).Order;
        Assert.That(Of(truth, 0, 5, groups).Order, Is.EqualTo(once));
        Assert.That(Of(truth, 1, 5, groups).Order, Is.Not.EqualTo(once));
    }

    [Test]
    public void Few_images_make_fewer_folds()
    {
        Assert.That(Of([0, 0, 1, 1, 1], 0).Count, Is.EqualTo(3));
        Sentences.Fails(FailureKind.Data, () => Of([0, 1, 2], 0), "single image", "give C");
    }

    [Test]
    public void A_group_is_never_divided_and_every_class_stays_in_training() =>
        Gen.Select(Gen.Int[0, 3].Array[20, 150], Gen.Int[1, 40], Gen.Int, Gen.Int[2, 10]).Sample((truth, many, seed, wanted) =>
        {
            int[] groups = [.. truth.Select((_, row) => (int)(Hash.Mix((ulong)(row + many)) % (ulong)many))];
            Folds folds;
            try
            {
                folds = Of(truth, seed, wanted, groups);
            }
            catch (OnnxTransferException e) when (e.Kind == FailureKind.Data)
            {
                Assert.That(DividedClasses(truth, groups), Is.False, "there was a way to divide");
                return;
            }

            Assert.That(folds.Order.Order(), Is.EqualTo(Enumerable.Range(0, truth.Length)));
            for (var fold = 0; fold < folds.Count; fold++)
            {
                var heldOut = HeldOut(folds, fold);
                int[] training = [.. folds.Training(fold).SelectMany(range => folds.Order[range.First..range.End])];
                Assert.That(heldOut, Is.Not.Empty);
                Assert.That(heldOut.Select(row => groups[row]).Intersect(training.Select(row => groups[row])), Is.Empty);
                Assert.That(training.Select(row => truth[row]).Distinct().Count(), Is.EqualTo(truth.Distinct().Count()));
            }
        }, iter: 400);

    [Test]
    public void Groups_of_one_row_keep_the_shares_of_classes() =>
        Gen.Select(Gen.Int[0, 5].Array[40, 200], Gen.Int).Sample((truth, seed) =>
            AssertShares(Of(truth, seed, 5, [.. Enumerable.Range(0, truth.Length)]), truth), iter: 100);

    [Test]
    public void Many_groups_keep_the_shares_of_classes_nearly()
    {
        int[] groups = [.. Enumerable.Range(0, 200).SelectMany(static group => Enumerable.Repeat(group, 1 + (group % 9)))];
        int[] truth = [.. groups.Select(static (group, row) => (group % 4 == 0 ? row : group) % 4)];
        var folds = Of(truth, 3, 5, groups);
        for (var k = 0; k < 4; k++)
        {
            var fifth = truth.Count(of => of == k) / 5.0;
            Assert.That(
                Enumerable.Range(0, 5).Select(fold => HeldOut(folds, fold).Count(row => truth[row] == k)), Has.All.EqualTo(fifth).Within(10).Percent);
        }
    }

    [Test]
    public void A_class_in_one_group_stays_in_training_with_all_of_the_group()
    {
        var folds = Of([0, 1, 0, 0, 0, 1, 1, 0], 0, 5, [7, 7, 7, -1, 2, 7, 7, 3]);
        Assert.That(folds.Count, Is.EqualTo(3));
        Assert.That(folds.Order[..folds.HeldOut(0).First].Order(), Is.EqualTo(new[] { 0, 1, 2, 5, 6 }));
    }

    [Test]
    public void A_group_that_every_fold_needs_for_training_stays_there()
    {
        // The last group has the only other images of both classes, each of which is held out in another fold already.
        var folds = Of([0, 0, 0, 0, 1, 1, 1, 1, 0, 1], 0, 2, [1, 1, 1, 1, 2, 2, 2, 2, 3, 3]);
        Assert.That(folds.Order[..folds.HeldOut(0).First], Is.EqualTo(new[] { 8, 9 }));
    }

    [Test]
    public void Groups_that_cannot_be_divided_are_refused()
    {
        Sentences.Fails(FailureKind.Data, () => Of([0, 0, 1, 1], 0, 5, [0, 0, 1, 1]), "groups cannot be divided", "give C");
        Sentences.Fails(FailureKind.Usage, () => Of([0, 0, 1, 1], 0, 5, [0, 0, 1]), "4 codes", "3 groups");
    }

    private static bool DividedClasses(int[] truth, int[] groups)
    {
        var whole = truth.Distinct().Select(k => truth.Index().Where(of => of.Item == k).Select(of => groups[of.Index]).Distinct().ToArray())
            .Where(static of => of.Length == 1).Select(static of => of[0]).ToHashSet();
        return truth.Distinct().Any(k =>
            truth.Index().Where(of => of.Item == k).Select(of => groups[of.Index]).Distinct().Count(group => !whole.Contains(group)) > 1);
    }

    private static void AssertShares(Folds folds, int[] truth)
    {
        foreach (var ofClass in truth.GroupBy(static k => k))
        {
            var (k, images) = (ofClass.Key, ofClass.Count());
            var heldOut = Enumerable.Range(0, folds.Count).Select(fold => HeldOut(folds, fold).Count(row => truth[row] == k)).ToArray();
            Assert.That(heldOut.Sum(), Is.EqualTo(images == 1 ? 0 : images));
            Assert.That(heldOut.Max() - heldOut.Min(), Is.LessThanOrEqualTo(1));
            Assert.That(heldOut.Max() < images, "a class stays in training");
        }
    }
}
