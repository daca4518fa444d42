namespace OnnxTransfer.Datasets.Tests;

public sealed class TrainTestTests
{
    private static LabelledImages Set(params (string? Label, string? Split)[] images) =>
        new("photos", images.Select((image, i) => new LabelledImage($"{i:D3}", image.Label, new ImageFile($"{i}")) { Split = image.Split }));

    [Test]
    public void Given_parts_are_taken_as_they_are()
    {
        var split = Set(("a", "train"), ("b", "train"), ("a", "test")).SplitTrainTest(seed: 3);
        Assert.That((split.WasGiven, split.Seed), Is.EqualTo((true, 3)));
        Assert.That(split.Train.Select(image => image.Id), Is.EqualTo((string[])["000", "001"]));
        Assert.That(split.Test.Select(image => image.Id), Is.EqualTo((string[])["002"]));
    }

    [Test]
    public void A_val_part_beside_a_test_part_is_left_aside_with_a_note()
    {
        var split = Set(("a", "train"), ("b", "train"), ("a", "test"), ("b", "val")).SplitTrainTest();
        Assert.That((split.Train.Count, split.Test.Count), Is.EqualTo((2, 1)));
        Assert.That(split.Train.Notes.Single(), Does.Contain("1 image of the val part"));
    }

    [Test]
    public void A_val_part_stands_for_a_missing_test_part()
    {
        var split = Set(("a", "train"), ("b", "train"), ("a", "val")).SplitTrainTest();
        Assert.That((split.WasGiven, split.Test.Count), Is.EqualTo((true, 1)));
        Assert.That(split.Test.Notes.Single(), Does.Contain("val part stands for it"));
    }

    [Test]
    public void A_test_part_alone_is_an_error() =>
        Sentences.Fails(FailureKind.Data, () => Set(("a", "test"), ("b", "test")).SplitTrainTest(), "no train part");

    [Test]
    public void A_class_that_cannot_be_learnt_is_an_error() =>
        Sentences.Fails(FailureKind.Data, () => Set(("a", "train"), ("b", "train"), ("c", "test")).SplitTrainTest(), "'c'", "test part alone");

    [Test]
    public void One_class_is_an_error()
    {
        Sentences.Fails(FailureKind.Data, () => Set(("a", null), ("a", null)).SplitTrainTest(), "one class only, 'a'");
        Sentences.Fails(FailureKind.Data, () => Set(("a", "train"), ("b", "test")).SplitTrainTest(), "one class only, 'a'");
    }

    [Test]
    public void Labels_missing_for_some_images_are_an_error() =>
        Sentences.Fails(FailureKind.Data, () => Set(("a", null), (null, null), ("b", null)).SplitTrainTest(), "1 of 3 images", "001");

    [Test]
    public void An_empty_set_is_an_error() => Sentences.Fails(FailureKind.Data, () => Set().SplitTrainTest(), "no image");

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(-0.1)]
    [TestCase(double.NaN)]
    public void A_share_outside_of_0_to_1_is_wrong_usage(double share) =>
        Sentences.Fails(FailureKind.Usage, () => Set(("a", null), ("b", null)).SplitTrainTest(share), "share");
}
