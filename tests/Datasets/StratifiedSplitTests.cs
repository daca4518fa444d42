using CsCheck;

namespace OnnxTransfer.Datasets.Tests;

public sealed class StratifiedSplitTests
{
    private static LabelledImage Image(string label, int index, string? group = null) =>
        new($"{label}/{index}.jpg", label, new ImageFile($"{label}/{index}.jpg")) { Group = group };

    private static LabelledImages Set(params (string Label, int Count)[] classes) =>
        new("photos", classes.SelectMany(of => Enumerable.Range(0, of.Count).Select(i => Image(of.Label, i))));

    [TestCase(2, 1)]
    [TestCase(3, 1)]
    [TestCase(7, 1)]
    [TestCase(8, 2)]
    [TestCase(50, 10)]
    public void A_fifth_of_every_class_is_for_testing_and_at_least_one(int count, int expected)
    {
        var split = Set(("a", count), ("b", 100)).SplitTrainTest();
        Assert.That(split.Test.Count(image => image.Label == "a"), Is.EqualTo(expected));
        Assert.That(split.Test.Count(image => image.Label == "b"), Is.EqualTo(20));
        Assert.That(split.WasGiven, Is.False);
    }

    [Test]
    public void Parts_are_disjoint_complete_and_stratified_for_any_set() =>
        Gen.Select(Gen.Int[2, 30].Array[2, 8], Gen.Double[0.01, 0.99], Gen.Int).Sample((counts, share, seed) =>
        {
            var images = Set([.. counts.Select((count, i) => ($"class{i}", count))]);
            var split = images.SplitTrainTest(share, seed);
            Assert.That(split.Train.Concat(split.Test).Select(image => image.Id), Is.EquivalentTo(images.Select(image => image.Id)));
            for (var i = 0; i < counts.Length; i++)
            {
                var inTest = split.Test.Count(image => image.Label == $"class{i}");
                Assert.That(inTest, Is.InRange(1, counts[i] - 1));
                Assert.That(inTest, Is.EqualTo(share * counts[i]).Within(1));
            }
        });

    [Test]
    public void The_seed_alone_decides_and_another_one_decides_otherwise()
    {
        var images = Set(("a", 40), ("b", 40));
        var shuffled = new LabelledImages("other", images.Reverse());
        string[] Test(LabelledImages of, int seed) => [.. of.SplitTrainTest(seed: seed).Test.Select(image => image.Id)];
        Assert.That(Test(shuffled, 5), Is.EqualTo(Test(images, 5)));
        Assert.That(Test(images, 6), Is.Not.EqualTo(Test(images, 5)));
        Assert.That(Test(images, -5), Is.Not.EqualTo(Test(images, 5)));
    }

    [Test]
    public void The_hash_is_the_published_one()
    {
        // FNV-1a of "" and "a" by their authors' table; SplitMix64's first and second outputs for those states.
        Assert.That(StratifiedSplit.Hash(string.Empty, 0), Is.EqualTo(SplitMix64(0xcbf29ce484222325UL, 1)));
        Assert.That(StratifiedSplit.Hash("a", 1), Is.EqualTo(SplitMix64(0xaf63dc4c8601ec8cUL, 2)));

        static ulong SplitMix64(ulong state, int draws)
        {
            var output = 0UL;
            for (var i = 0; i < draws; i++)
            {
                state += 0x9e3779b97f4a7c15UL;
                output = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9UL;
                output = (output ^ (output >> 27)) * 0x94d049bb133111ebUL;
                output ^= output >> 31;
            }

            return output;
        }
    }

    [Test]
    public void Which_images_are_chosen_never_changes_between_versions()
    {
        var test = Set(("a", 10), ("b", 10)).SplitTrainTest().Test.Select(image => image.Id);
        Assert.That(test, Is.EqualTo((string[])["a/3.jpg", "a/6.jpg", "b/4.jpg", "b/9.jpg"]));
    }

    [Test]
    public void Groups_are_never_torn_apart() =>
        Gen.Select(Gen.Select(Gen.Int[0, 3], Gen.Int[0, 9]).Array[8, 80], Gen.Int).Sample((rows, seed) =>
        {
            var images = new LabelledImages("photos", rows.Select((row, i) => Image($"class{row.Item1}", i, row.Item2 == 0 ? null : $"g{row.Item2}")));
            if (images.Classes.Count < 2 || images.CountBy(image => image.Label!).Any(of => of.Value < 2))
            {
                return;
            }

            var split = images.SplitTrainTest(seed: seed);
            var train = split.Train.Select(image => image.Group).OfType<string>().ToHashSet();
            Assert.That(split.Test.Select(image => image.Group).OfType<string>().Where(train.Contains), Is.Empty);
            Assert.That(split.Train.Classes, Is.EqualTo(images.Classes), "every class can be learnt");
            Assert.That(split.Train.Count + split.Test.Count, Is.EqualTo(images.Count));
        });

    [Test]
    public void Equal_groups_come_out_at_the_wanted_share()
    {
        var images = new LabelledImages("photos", from label in (string[])["a", "b"] from i in Enumerable.Range(0, 100) select Image(label, i, $"{label}{i / 5}"));
        var split = images.SplitTrainTest();
        Assert.That(split.Test.CountBy(image => image.Label!).Select(of => of.Value), Is.All.EqualTo(20));
    }

    [Test]
    public void A_large_group_goes_to_the_test_part_where_nothing_smaller_can()
    {
        var images = new LabelledImages("photos", [
            .. Enumerable.Range(0, 10).Select(i => Image("a", i, i < 4 ? "small" : "large")),
            .. Enumerable.Range(0, 10).Select(i => Image("b", i))]);
        var split = images.SplitTrainTest();
        Assert.That(split.Test.Where(image => image.Label == "a").Select(image => image.Group), Is.All.EqualTo("small").And.Exactly(4).Items);
    }

    [Test]
    public void A_class_in_one_group_is_trained_on_with_a_note()
    {
        var images = new LabelledImages("photos", [
            .. Enumerable.Range(0, 10).Select(i => Image("a", i, "one person")),
            .. Enumerable.Range(0, 10).Select(i => Image("b", i))]);
        var split = images.SplitTrainTest();
        Assert.That(split.Test.Classes, Is.EqualTo((string[])["b"]));
        Assert.That(split.Test.Notes, Is.EqualTo((string[])["The class 'a' has no test image: its groups cannot be divided."]));
    }

    [Test]
    public void A_class_with_one_image_is_an_error_that_counts_the_others()
    {
        Sentences.Fails(FailureKind.Data, () => Set(("a", 1), ("b", 5)).SplitTrainTest(), "'a'", "one image", "photos");
        Sentences.Fails(FailureKind.Data, () => Set(("a", 1), ("b", 1), ("c", 1)).SplitTrainTest(), "'a'", "2 more classes");
    }
}
