using OnnxTransfer.Cli.Tests;
using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Engine.Tests;

namespace OnnxTransfer.Study.Tests;

public class AdvisorTests
{
    [Test]
    public void Advice_comes_with_its_measurements_and_a_second_time_it_is_the_same()
    {
        using var network = new SmallNetwork();
        using var photos = new Photos();
        using var backbone = network.Load();
        var images = LabelledImages.Open(photos.Folder("set", 12));
        new ReferenceStatistics(backbone.Model.WeightsSha256, [Advisor.MakeReference(backbone, images, "the same photos")]).Write(ReferenceStatistics.PathOf(backbone));
        var (one, two) = (Advisor.Run(backbone, images), Advisor.Run(backbone, images));
        Assert.Multiple(() =>
        {
            Assert.That(one.Placement.Size, Is.EqualTo(DataSize.Small));
            Assert.That(one.Evidence, Has.Count.EqualTo(3).And.All.EndsWith("."));
            Assert.That(one.Evidence[2], Does.Contain("the same photos"));
            Assert.That(one.Distances, Has.Count.EqualTo(one.Study.Scores.Count));
            Assert.That(one.Distances.Select(static distance => distance.Strength), Is.All.EqualTo(1).Within(0.02));
            Assert.That(one.Curve.Select(static point => point.Images), Is.Ordered.And.Unique);
            Assert.That(one.Study.Scores, Does.Contain(one.Layer));
            Assert.That(two.Placement, Is.EqualTo(one.Placement));
            Assert.That(two.Evidence, Is.EqualTo(one.Evidence));
            Assert.That(two.Extrapolation, Is.EqualTo(one.Extrapolation));
        });
    }

    [Test]
    public void How_many_pixels_photos_have_does_not_move_them_from_the_reference()
    {
        using var network = new SmallNetwork();
        using var photos = new Photos();
        using var backbone = network.Load();
        var (images, others) = (LabelledImages.Open(photos.Folder("set", 6)), LabelledImages.Open(photos.Folder("others", 8, seed: 2)));
        var reduced = ReducedPhotos.All(images, new ExtractionOptions());
        new ReferenceStatistics(backbone.Model.WeightsSha256, [Advisor.MakeReference(backbone, others, "others")]).Write(ReferenceStatistics.PathOf(backbone));
        var (whole, small) = (Advisor.Run(backbone, images), Advisor.Run(backbone, reduced));
        Assert.That(whole.Distances, Is.Not.Empty.And.EqualTo(small.Distances));
        Assert.That(whole.Shift, Is.EqualTo(small.Shift));
    }

    [Test]
    public void Without_a_reference_the_evidence_says_so()
    {
        using var network = new SmallNetwork();
        using var photos = new Photos();
        using var backbone = network.Load();
        var advice = Advisor.Run(backbone, LabelledImages.Open(photos.Folder("set", 6)));
        Assert.That(advice.Evidence[2], Does.Contain("No reference statistics of net.onnx"));
        Assert.That((advice.Reference, advice.Distances.Count), Is.EqualTo(((Reference?)null, 0)));
    }

    [Test]
    public void A_few_images_have_no_learning_curve_and_the_evidence_says_so()
    {
        using var network = new SmallNetwork();
        using var photos = new Photos();
        using var backbone = network.Load();
        var advice = Advisor.Run(backbone, LabelledImages.Open(photos.Folder("set", 3)));
        Assert.That(advice.Extrapolation, Is.Null);
        Assert.That(advice.Evidence[0], Does.Contain("too few for a learning curve"));
        Assert.That(advice.Placement.Size, Is.EqualTo(DataSize.Small));
    }

    [Test]
    public void Bad_input_is_told_in_a_sentence()
    {
        using var network = new SmallNetwork();
        using var photos = new Photos();
        using var backbone = network.Load();
        var images = LabelledImages.Open(photos.Folder("set", 4));
        Sentences.Fails(FailureKind.Data, () => Advisor.Run(backbone, LabelledImages.Open(photos.Folder("single", 1))), "image");
        Sentences.Fails(FailureKind.Data, () => Advisor.Run(backbone, images, new AdviceOptions { Reference = photos["none.json"] }), "There are no statistics", "none.json");
        Sentences.Fails(FailureKind.Data, () => Advisor.Run(backbone, images, new AdviceOptions { Reference = photos["no/such/folder.json"] }), "There are no statistics");
        Sentences.Fails(FailureKind.Usage, () => Advisor.MakeReference(backbone, images, " "), "--make-reference");
        var jpeg = Photos.Jpeg("discs", new Random(1));
        foreach (var name in new[] { "a/1", "a/2", "b/1", "b/2" })
        {
            photos.Write($"same/{name}.jpg", jpeg);
        }

        Sentences.Fails(FailureKind.Data, () => Advisor.Run(backbone, LabelledImages.Open(photos["same"])), "same codes");
    }
}
