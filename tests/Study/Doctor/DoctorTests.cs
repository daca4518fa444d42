using OnnxTransfer.Cli.Tests;
using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Engine.Tests;

namespace OnnxTransfer.Study.Tests;

public class DoctorTests
{
    private static readonly DoctorOptions Second = new() { Tap = "second" };

    [Test]
    public void All_parts_are_looked_at_and_a_copy_across_them_is_found()
    {
        using var network = new SmallNetwork();
        using var photos = new Photos();
        using var backbone = network.Load();
        photos.Folder("set/train", 8);
        photos.Folder("set/test", 4, seed: 2);
        File.Copy(photos["set/train/discs/03.jpg"], photos["set/test/discs/copy.jpg"]);
        var images = LabelledImages.Open(photos["set"]);
        var (found, again) = (Doctor.Run(backbone, images, Second), Doctor.Run(backbone, images, Second));
        Assert.That((found.Images, found.TestImages), Is.EqualTo((37, 13)));
        Assert.That(found.Report.Labels, Has.Count.EqualTo(37));
        Assert.That(found.Report.Duplicates[0], Is.EqualTo(new NearDuplicate("test/discs/copy.jpg", "train/discs/03.jpg", 1, false, true, true)).Using<NearDuplicate>(
            static (one, other) => one with { Similarity = 1 } == other with { Similarity = 1 }));
        Assert.That(again.Report.Labels, Is.EqualTo(found.Report.Labels));
        Assert.That(again.Report.Duplicates, Is.EqualTo(found.Report.Duplicates));
        Assert.That(again.Report.Strangers, Is.EqualTo(found.Report.Strangers));
    }

    [Test]
    public void Codes_extracted_for_something_else_are_looked_at_without_another_extraction()
    {
        using var network = new SmallNetwork();
        using var photos = new Photos();
        using var backbone = network.Load();
        var images = LabelledImages.Open(photos.Folder("set", 10));
        using var codes = TrainTestCodes.Extract(
            backbone, images, images.SplitTrainTest(), [backbone.Tap("first", Pooling.Average), backbone.Tap("second", Pooling.Maximum)], null, new ExtractionOptions(), null, default);
        var report = Doctor.Examine(codes, [codes.Codes.Column("first", Pooling.Average), codes.Codes.Column("second", Pooling.Maximum)], images);
        Assert.That(report.Labels.Select(static of => of.Image).Order(StringComparer.Ordinal), Is.EqualTo(images.Select(static image => image.Id)));
    }

    [Test]
    public void Where_no_layer_is_named_the_last_ends_are_read_and_the_penultimate_is_the_last_of_them()
    {
        using var backbone = Backbone.Load(SharedFiles.ResNet18());
        var taps = DoctorTaps.Of(backbone, new DoctorOptions());
        Assert.That(taps, Has.Count.EqualTo(4));
        Assert.That(taps[^1].Point.Aliases, Does.Contain("penultimate"));
        Assert.That(taps[0].Point.Aliases, Does.Contain("stage3"));
        Assert.That(DoctorTaps.Of(backbone, new DoctorOptions { Tap = "stage1", Pooling = Pooling.Flatten }).Single().Point.Aliases, Does.Contain("stage1"));
    }

    [Test]
    public void Bad_input_is_told_in_a_sentence()
    {
        using var network = new SmallNetwork();
        using var photos = new Photos();
        using var backbone = network.Load();
        var images = LabelledImages.Open(photos.Folder("set", 3));
        void Fails(FailureKind kind, LabelledImages set, DoctorOptions options, params string[] words) =>
            Sentences.Fails(kind, () => Doctor.Run(backbone, set, options), words);

        Fails(FailureKind.Model, images, new DoctorOptions { Tap = "third" }, "'third'");
        Fails(FailureKind.Data, images.Where(static image => image.Label == "discs"), Second, "one class only");
        Fails(FailureKind.Data, LabelledImages.Below(photos["set"]), Second, "no label", "checks/00.jpg");
        var set = MadeUpSet.Of(4, 2);
        Sentences.Fails(FailureKind.Data, () => Doctor.Examine(set.Recoded(static values => values[^1] = float.NaN), Second, null, default), "NaN");
        Fails(FailureKind.Usage, images, new DoctorOptions { Pooling = Pooling.Flatten }, "name one layer");
    }

    [Test]
    public void Two_classes_of_one_image_each_are_no_crash()
    {
        var report = Doctor.Examine(MadeUpSet.Of(2, 2), new DoctorOptions(), null, default);
        Assert.That((report.Labels.Count, report.SuspectLabels, report.Duplicates.Count, report.Overlaps.Count, report.Strangers.Count), Is.EqualTo((0, 0, 0, 0, 0)));
    }
}
