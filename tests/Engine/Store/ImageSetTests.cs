using OnnxTransfer.Datasets;

namespace OnnxTransfer.Engine.Tests;

/// <summary>What a store does when it is filled from another set of images.</summary>
internal sealed class ImageSetTests
{
    private static readonly ExtractionOptions Blocks = new() { BlockRows = 8, MaxBadShare = 1 };

    [Test]
    public void A_set_that_lacks_images_of_the_store_is_refused_and_nothing_is_lost()
    {
        using var net = new SmallNetwork(photos: 30);
        using var backbone = net.Load();
        Extract(backbone, net, net.Images);
        var before = SmallNetwork.Files(net.Store);
        var first = net.Images[9].Id;
        Sentences.Fails(FailureKind.Data, () => Extract(backbone, net, net.Images.Take(9)), "21 images", first, "another folder", "the same set");
        using var other = new SmallNetwork();
        other.AddPhoto("a/new.bmp", 500);
        Sentences.Fails(FailureKind.Data, () => Extract(backbone, net, other.Images), "30 images", net.Images[0].Id);
        Assert.That(SmallNetwork.Files(net.Store), Is.EqualTo(before));
    }

    [Test]
    public void Images_of_an_interrupted_extraction_are_not_lost_either()
    {
        using var net = new SmallNetwork(photos: 30);
        using var backbone = net.Load();
        using var source = new CancellationTokenSource();
        var decoder = new WatchedDecoder(count =>
        {
            if (count == 5)
            {
                source.Cancel();
            }
        });
        Sentences.Fails(FailureKind.Interrupted, () => backbone.Extract(
            net.Images, SmallNetwork.Taps(backbone), net.Store, Blocks with { Workers = 1, Decoder = decoder }, cancellation: source.Token), "after 5 of 30");
        Sentences.Fails(FailureKind.Data, () => Extract(backbone, net, net.Images.Skip(5)), "5 images", net.Images[0].Id);
        Extract(backbone, net, net.Images);
    }

    [Test]
    public void Images_that_became_unreadable_or_got_another_label_still_count_as_there()
    {
        using var net = new SmallNetwork(photos: 20);
        using var backbone = net.Load();
        Extract(backbone, net, net.Images);
        File.WriteAllText(net["photos/even/004.bmp"], "no image");
        File.Move(net["photos/odd/005.bmp"], net["photos/even/005.bmp"]);
        var decoder = new WatchedDecoder();
        using var codes = backbone.Extract(net.Images, SmallNetwork.Taps(backbone), net.Store, Blocks with { Decoder = decoder });
        Assert.Multiple(() =>
        {
            Assert.That(codes.Skipped.Select(image => image.Id), Is.EqualTo(["even/004.bmp"]));
            Assert.That(codes.Ids, Has.Count.EqualTo(19).And.Contain("even/005.bmp"));
            Assert.That(decoder.Count, Is.EqualTo(1), "only the unreadable one is tried");
        });
    }

    private static void Extract(Backbone backbone, SmallNetwork net, LabelledImages images) =>
        backbone.Extract(images, SmallNetwork.Taps(backbone), net.Store, Blocks).Dispose();
}
