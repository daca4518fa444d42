using OnnxTransfer.Datasets;

namespace OnnxTransfer.Engine.Tests;

internal sealed class LabelsTests
{
    [Test]
    public void Codes_of_images_without_labels_say_so_when_they_are_asked_for_them()
    {
        using var net = new SmallNetwork(photos: 4);
        using var backbone = net.Load();
        var first = net.Images[0].Id;
        var images = new LabelledImages("photos", net.Images.Select(image => image.Id == first ? image with { Label = null } : image));
        using var codes = backbone.Extract(images, backbone.Tap("second"));
        Assert.That(codes.HasLabels, Is.False);
        Assert.That(Sentences.Failure(FailureKind.Data, () => _ = codes.Labels).Message, Does.StartWith($"The image '{first}' in the store {codes.Path} has no label;"));
        using var labelled = backbone.Extract(net.Images, backbone.Tap("second"));
        Assert.That(labelled.HasLabels, Is.True);
    }
}
