using OnnxTransfer.Onnx;

namespace OnnxTransfer.Engine.Tests;

public class CutProofTests
{
    [Test]
    public void A_cut_network_is_proved_at_every_pooling()
    {
        using var net = new SmallNetwork();
        using var backbone = net.Load();
        var taps = Enum.GetValues<Pooling>().SelectMany(pooling => new[] { backbone.Tap("first", pooling), backbone.Tap("second", pooling) }).ToArray();
        foreach (var batch in new[] { 1, 3 })
        {
            var proof = backbone.Prove(taps, batch);
            Assert.Multiple(() =>
            {
                Assert.That(proof.LargestDifference, Is.InRange(0, 1e-5));
                Assert.That(proof.Tolerance, Is.EqualTo(1e-4));
                Assert.That(proof.FullGraph, Is.True);
                Assert.That(proof.Images, Is.EqualTo(ProbeImages.Count));
            });
        }
    }

    [Test]
    public void A_network_that_computes_something_else_is_refused_by_tap()
    {
        using var net = new SmallNetwork();
        using var backbone = net.Load();
        Tap[] taps = [backbone.Tap("first"), backbone.Tap("second")];
        using var network = CodeNetwork.Make(backbone.Taps, backbone.Recipe, taps, 1);
        var other = TapCatalog.Of(Preparation.Prepare(SmallNetwork.Make(seed: 2)), 16);
        var failure = Sentences.Failure(FailureKind.Mathematics, () => CutProof.Of(network, other, backbone.Recipe, taps));
        Assert.That(failure.Message, Does.Contain("first|avg"));
    }

    [Test]
    public void A_network_whose_images_influence_each_other_is_refused_by_tensor()
    {
        using var net = new SmallNetwork(more: graph => graph.Add("Softmax", ["second"], "shared", ("axis", 0L)));
        using var backbone = net.Load();
        Tap[] taps = [backbone.Tap("second"), backbone.Tap("shared")];
        Assert.That(Sentences.Of(FailureKind.Model, () => backbone.Prove(taps, 3)), Does.Contain("influence each other").And.Contain("shared"));
        Assert.That(backbone.Prove(taps, 1).LargestDifference, Is.InRange(0, 1e-5));
    }

    [Test]
    public void Probe_images_are_the_same_each_time_and_in_the_recipes_range()
    {
        using var net = new SmallNetwork();
        using var backbone = net.Load();
        var images = ProbeImages.Make(backbone.Recipe);
        Assert.Multiple(() =>
        {
            Assert.That(images, Is.EqualTo(ProbeImages.Make(backbone.Recipe)));
            Assert.That(images.SelectMany(image => image), Is.All.InRange(-1f, 1.56f));
            Assert.That(images[0], Is.Not.EqualTo(images[1]));
        });
    }

    [Test]
    public void At_a_size_that_the_network_cannot_finish_the_reference_ends_at_the_tap()
    {
        SharedFiles.ResNet18();
        using var backbone = Backbone.Default(new BackboneOptions { Size = 96 });
        var proof = backbone.Prove([backbone.Tap("ReLU393_Output_0")]);
        Assert.Multiple(() =>
        {
            Assert.That(proof.FullGraph, Is.False);
            Assert.That(proof.LargestDifference, Is.InRange(0, 1e-5));
        });
    }
}
