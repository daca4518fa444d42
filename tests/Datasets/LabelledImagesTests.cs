using OnnxTransfer.Imaging;

namespace OnnxTransfer.Datasets.Tests;

public sealed class LabelledImagesTests
{
    private static LabelledImage Image(string id, string? label = null) => new(id, label, new ImageFile(id));

    [Test]
    public void Any_order_of_images_is_the_same_set()
    {
        var set = new LabelledImages("photos", [Image("b"), Image("B"), Image("a/c"), Image("a-c")]);
        Assert.That(set.Select(image => image.Id), Is.EqualTo((string[])["B", "a-c", "a/c", "b"]));
        Assert.That(set[3].Id, Is.EqualTo("b"));
    }

    [Test]
    public void The_same_id_twice_is_an_error() =>
        Sentences.Fails(FailureKind.Data, () => _ = new LabelledImages("photos", [Image("a"), Image("b"), Image("a")]), "'a'", "photos");

    [Test]
    public void Take_skip_and_where_keep_order_source_and_notes()
    {
        var set = new LabelledImages("photos", [Image("c", "y"), Image("a", "x"), Image("b", "y")], ["a note"]);
        Assert.That(set.Take(2).Select(image => image.Id), Is.EqualTo((string[])["a", "b"]));
        Assert.That(set.Skip(2).Single().Id, Is.EqualTo("c"));
        Assert.That(set.Take(9), Has.Count.EqualTo(3));
        var some = set.Where(image => image.Label == "y");
        Assert.That((some.Source, some.Notes[0], some.Classes.Single()), Is.EqualTo(("photos", "a note", "y")));
    }

    [Test]
    public void Files_named_one_by_one_are_images_without_labels()
    {
        using var folder = new TemporaryFolder().With("b.txt", "a.jpg");
        var set = LabelledImages.FromFiles([folder["b.txt"], folder["a.jpg"], folder["b.txt"]]);
        Assert.That(set.Select(image => image.Id), Is.EqualTo((string[])[folder["a.jpg"], folder["b.txt"]]));
        Sentences.Fails(FailureKind.Data, () => LabelledImages.FromFiles([folder["c.jpg"]]), "no image", "c.jpg");
        Sentences.Fails(FailureKind.Data, () => LabelledImages.FromFiles([]), "No image is named");
    }

    [Test]
    public void What_is_no_set_says_what_would_be_one()
    {
        using var folder = new TemporaryFolder();
        Sentences.Fails(FailureKind.Data, () => LabelledImages.Open(folder.Write("set.zip", "PK")), "set.zip", ".csv", "IDX");
        Sentences.Fails(FailureKind.Data, () => LabelledImages.Open(folder["none"]), "There is no", "none");
    }

    [Test]
    public void A_file_gives_its_bytes_and_leaves_them_to_the_decoder()
    {
        using var folder = new TemporaryFolder();
        var file = new ImageFile(folder.Write("a.jpg", "bytes"));
        var decoder = new Recorder();
        var pixels = file.Decode(file.Read(), decoder, new DecodeOptions { MaxPixels = 5 });
        Assert.That(pixels.Width, Is.EqualTo(1));
        Assert.That(decoder.Asked, Is.EqualTo(("bytes", file.Path, 5)));
    }

    [Test]
    public void A_file_that_has_gone_is_an_error_of_the_data()
    {
        using var folder = new TemporaryFolder();
        Sentences.Fails(FailureKind.Data, () => new ImageFile(folder["gone.jpg"]).Read(), "There is no", "gone.jpg");
    }

    [Test]
    public void A_file_that_is_too_large_for_an_image_is_refused_unread()
    {
        using var folder = new TemporaryFolder();
        using (var file = File.Create(folder["huge.jpg"]))
        {
            file.SetLength(ImageFile.LargestFile + 1);
        }

        Sentences.Fails(FailureKind.Data, () => new ImageFile(folder["huge.jpg"]).Read(), "huge.jpg", "268,435,457 bytes");
    }

    private sealed class Recorder : IImageDecoder
    {
        public string Name => "recorder";

        public (string, string, long) Asked { get; private set; }

        public RgbImage Decode(byte[] file, string name, DecodeOptions options)
        {
            Asked = (System.Text.Encoding.UTF8.GetString(file), name, options.MaxPixels);
            return new RgbImage(1, 1, new byte[3]);
        }
    }
}
