namespace OnnxTransfer.Engine.Tests;

public class BackboneTests
{
    [Test]
    public void The_default_is_the_embedded_resnet()
    {
        SharedFiles.ResNet18();
        using var backbone = Backbone.Default();
        Assert.Multiple(() =>
        {
            Assert.That(backbone.Model.Sha256, Is.EqualTo("e2552f19db2dfdb01b3669537b6a0f1b44da38d18279535492ed5dfc2ef1ff8f"));
            Assert.That(backbone.Recipe.Size, Is.EqualTo(224));
            Assert.That(backbone.Tap("ReLU393_Output_0").Width, Is.EqualTo(512));
        });
    }

    [TestCase(0)]
    [TestCase(-5)]
    [TestCase(1_000_000)]
    public void An_impossible_size_is_refused(int size)
    {
        using var net = new SmallNetwork();
        Sentences.Failure(FailureKind.Usage, () => Backbone.Load(net.Model, new BackboneOptions { Size = size }));
    }

    [Test]
    public void Another_size_scales_the_recipe()
    {
        using var net = new SmallNetwork();
        using var backbone = Backbone.Load(net.Model, new BackboneOptions { Size = 24 });
        Assert.Multiple(() =>
        {
            Assert.That(backbone.Recipe.Size, Is.EqualTo(24));
            Assert.That(backbone.Taps.Size, Is.EqualTo(24));
        });
    }

    [Test]
    public void A_file_that_is_no_model_is_refused()
    {
        using var net = new SmallNetwork();
        File.WriteAllText(net.Model, "this is not a model");
        Sentences.Failure(FailureKind.Model, () => net.Load());
    }

    [Test]
    public void A_disposed_backbone_says_so()
    {
        using var net = new SmallNetwork(photos: 2);
        var backbone = net.Load();
        var taps = SmallNetwork.Taps(backbone);
        backbone.Dispose();
        Assert.Multiple(() =>
        {
            Assert.Throws<ObjectDisposedException>(() => backbone.Prove(taps));
            Assert.Throws<ObjectDisposedException>(() => backbone.Extract(net.Images, taps));
        });
    }
}
