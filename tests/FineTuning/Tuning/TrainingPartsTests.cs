using OnnxTransfer.Datasets;

namespace OnnxTransfer.FineTuning.Tests.Tuning;

public class TrainingPartsTests
{
    [Test]
    public void Every_image_is_in_one_part_and_each_class_gives_its_shares()
    {
        var parts = TrainingParts.Of(Images(("a", 50), ("b", 20)), new FineTuneOptions { TestShare = 0.2, ValidationShare = 0.1 });
        Assert.That(Counts(parts.Test), Is.EqualTo("a 10 b 4"));
        Assert.That(Counts(parts.Validation), Is.EqualTo("a 4 b 2"), "a tenth of 40 and of 16");
        Assert.That(Counts(parts.Train), Is.EqualTo("a 36 b 14"));
        Assert.That(Ids(parts).Order(), Is.EqualTo(Images(("a", 50), ("b", 20)).Select(image => image.Id).Order()));
        Assert.That(parts.WasGiven, Is.False);
    }

    [Test]
    public void The_seed_decides_and_nothing_else_does()
    {
        var images = Images(("a", 40), ("b", 40));
        var options = new FineTuneOptions { Seed = 3 };
        Assert.That(Ids(TrainingParts.Of(images, options with { Batch = 2, Epochs = 1 })), Is.EqualTo(Ids(TrainingParts.Of(images, options))));
        Assert.That(Ids(TrainingParts.Of(images, options with { Seed = 4 })), Is.Not.EqualTo(Ids(TrainingParts.Of(images, options))));
    }

    [Test]
    public void A_class_of_few_images_keeps_one_to_learn_from()
    {
        var parts = TrainingParts.Of(Images(("a", 20), ("b", 2)), new FineTuneOptions { ValidationShare = 0.99 });
        Assert.That(parts.Train.Classes, Is.EqualTo(new[] { "a", "b" }));
        Assert.That(parts.Train.Count(image => image.Label == "b"), Is.EqualTo(1));
    }

    [Test]
    public void The_sets_own_parts_are_taken_as_they_are()
    {
        var images = Images(("a", 10), ("b", 10));
        var given = new LabelledImages("given", images.Select((image, i) => image with { Split = (i % 5) switch { 0 => "test", 1 => "val", _ => "train" } }));
        var parts = TrainingParts.Of(given, new FineTuneOptions { TestShare = 0.5, ValidationShare = 0.5 });
        Assert.That((parts.Train.Count, parts.Validation.Count, parts.Test.Count, parts.WasGiven), Is.EqualTo((12, 4, 4, true)));
        Assert.That(parts.Train.All(image => image.Split == "train") && parts.Validation.All(image => image.Split == "val") && parts.Test.All(image => image.Split == "test"));
    }

    [Test]
    public void Without_a_share_nothing_is_validated_on()
    {
        var parts = TrainingParts.Of(Images(("a", 10), ("b", 10)), new FineTuneOptions { ValidationShare = 0 });
        Assert.That((parts.Train.Count, parts.Validation.Count), Is.EqualTo((16, 0)));
    }

    [Test]
    public void Stopping_early_needs_something_to_validate_on_be_it_given_or_drawn()
    {
        var few = Images(("a", 4), ("b", 4));
        Sentences.Fails(FailureKind.Usage, () => TrainingParts.Of(few, new FineTuneOptions { Patience = 1, ValidationShare = 0 }), "validation part", "--validation-share");
        Sentences.Fails(FailureKind.Usage, () => TrainingParts.Of(few, new FineTuneOptions { Patience = 1 }), "share of 0.1 of so few images", "--patience");
        var given = new LabelledImages("given", few.Select((image, i) => image with { Split = (i % 4) switch { 0 => "test", 1 => "val", _ => "train" } }));
        Assert.That(TrainingParts.Of(given, new FineTuneOptions { Patience = 1, ValidationShare = 0 }).Validation, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_label_to_validate_on_that_none_to_learn_from_has_is_named()
    {
        var given = new LabelledImages("given", Images(("a", 4), ("b", 4), ("zebra", 1)).Select((image, i) => image with { Split = image.Label == "zebra" ? "val" : i % 4 == 0 ? "test" : "train" }));
        Sentences.Fails(FailureKind.Data, () => TrainingParts.Of(given, new FineTuneOptions()), "'zebra'", "no image to learn from");
    }

    [Test]
    public void An_image_without_a_label_is_named()
    {
        var images = Images(("a", 4), ("b", 4));
        var bare = new LabelledImages("some", images.Select(image => image.Id is "b/01" or "b/02" ? image with { Label = null } : image));
        Sentences.Fails(FailureKind.Data, () => TrainingParts.Of(bare, new FineTuneOptions()), "b/01 of some", "no label", "2 of 8");
    }

    private static LabelledImages Images(params (string Label, int Count)[] classes) => new(
        "made-up images",
        classes.SelectMany(of => Enumerable.Range(0, of.Count).Select(i => new LabelledImage($"{of.Label}/{i:00}", of.Label, new ImageSets.MadeUp(i)))));

    private static string Counts(LabelledImages part) => string.Join(' ', part.Classes.Select(label => $"{label} {part.Count(image => image.Label == label)}"));

    private static string[] Ids(TrainingParts parts) => [.. new[] { parts.Train, parts.Validation, parts.Test }.SelectMany(part => part.Select(image => image.Id))];
}
