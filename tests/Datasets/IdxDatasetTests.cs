using System.Buffers.Binary;
using System.IO.Compression;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.Datasets.Tests;

public sealed class IdxDatasetTests
{
    private const string Images = "t10k-images-idx3-ubyte";
    private const string Labels = "t10k-labels-idx1-ubyte";

    private static byte[] Idx(byte[] values, params int[] sizes)
    {
        var bytes = new byte[4 + (4 * sizes.Length) + values.Length];
        (bytes[2], bytes[3]) = (8, (byte)sizes.Length);
        for (var i = 0; i < sizes.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 + (4 * i)), sizes[i]);
        }

        values.CopyTo(bytes, bytes.Length - values.Length);
        return bytes;
    }

    private static byte[] Pack(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    private static byte[] ThreeImages() => Idx([.. Enumerable.Range(0, 3 * 2 * 4).Select(i => (byte)(10 * i))], 3, 2, 4);

    private static byte[] ThreeLabels() => Idx([9, 0, 10], 3);

    private sealed class NoDecoder : IImageDecoder
    {
        public string Name => "none";

        public RgbImage Decode(byte[] file, string name, DecodeOptions options) => throw new InvalidOperationException("not a file");
    }

    private static RgbImage Decode(LabelledImage image, DecodeOptions? options = null) =>
        image.Content.Decode(image.Content.Read(), new NoDecoder(), options ?? new DecodeOptions());

    [TestCase(false, false)]
    [TestCase(true, true)]
    [TestCase(true, false)]
    [TestCase(false, true)]
    public void A_pair_is_read_packed_or_not(bool packImages, bool packLabels)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write(Images + (packImages ? ".gz" : ""), packImages ? Pack(ThreeImages()) : ThreeImages());
        folder.Write(Labels + (packLabels ? ".gz" : ""), packLabels ? Pack(ThreeLabels()) : ThreeLabels());
        foreach (var images in (LabelledImages[])[LabelledImages.Open(path), LabelledImages.Open(folder.Path)])
        {
            Assert.That(images.Select(image => (image.Id, image.Label)), Is.EqualTo(((string, string?)[])[
                ("t10k/000000", "9"), ("t10k/000001", "0"), ("t10k/000002", "10")]));
            var pixels = Decode(images[1]);
            Assert.That((pixels.Width, pixels.Height), Is.EqualTo((4, 2)));
            Assert.That(pixels.Pixels, Is.EqualTo(Enumerable.Range(8, 8).SelectMany(i => Enumerable.Repeat((byte)(10 * i), 3))));
            Assert.That(images.Splits, Is.Empty);
        }
    }

    [Test]
    public void Two_pairs_are_a_train_and_a_test_part()
    {
        using var folder = new TemporaryFolder();
        folder.Write(Images, ThreeImages());
        folder.Write(Labels, ThreeLabels());
        folder.Write("train-images.idx3-ubyte", ThreeImages());
        folder.Write("train-labels.idx1-ubyte", ThreeLabels());
        var images = LabelledImages.Open(folder.Path);
        Assert.That(images.OfSplit("test").Select(image => image.Id), Is.All.StartsWith("t10k/"));
        Assert.That(images.OfSplit("train").Select(image => image.Id), Is.All.StartsWith("train/"));
        Assert.That(images, Has.Count.EqualTo(6));
    }

    [Test]
    public void The_same_pixels_in_another_shape_are_other_content()
    {
        using var folder = new TemporaryFolder();
        var labels = folder.Write(Labels, Idx([1], 1));
        var wide = LabelledImages.FromIdx(folder.Write("wide", Idx(new byte[8], 1, 2, 4)), labels)[0];
        var high = LabelledImages.FromIdx(folder.Write("high", Idx(new byte[8], 1, 4, 2)), labels)[0];
        Assert.That(wide.Content.Read(), Is.Not.EqualTo(high.Content.Read()));
        Assert.Throws<ArgumentException>(() => wide.Content.Decode(high.Content.Read(), new NoDecoder(), new DecodeOptions()));
    }

    [Test]
    public void An_image_above_the_bound_on_pixels_is_refused()
    {
        using var folder = new TemporaryFolder();
        var images = LabelledImages.FromIdx(folder.Write("i", ThreeImages()), folder.Write("l", ThreeLabels()));
        Sentences.Fails(FailureKind.Data, () => Decode(images[2], new DecodeOptions { MaxPixels = 7 }), "image 2", "4 x 2 pixels");
        Sentences.Fails(FailureKind.Data, () => Decode(images[2], new DecodeOptions { MaxSide = 3 }), "image 2", "a side may have 3");
    }

    [Test]
    public void Images_and_labels_must_be_equally_many()
    {
        using var folder = new TemporaryFolder();
        var images = folder.Write("i", ThreeImages());
        var labels = folder.Write("l", Idx([1, 2], 2));
        Sentences.Fails(FailureKind.Data, () => LabelledImages.FromIdx(images, labels), "3 images", "2 labels");
    }

    [Test]
    public void A_lonely_images_file_asks_for_its_labels()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write(Images, ThreeImages());
        Sentences.Fails(FailureKind.Data, () => LabelledImages.Open(path), Labels);
        Sentences.Fails(FailureKind.Data, () => LabelledImages.Open(folder.Path), Labels);
    }

    [Test]
    public void A_file_cut_off_anywhere_is_an_error()
    {
        using var folder = new TemporaryFolder();
        var labels = folder.Write("l", ThreeLabels());
        var whole = ThreeImages();
        for (var length = 0; length < whole.Length; length++)
        {
            var images = folder.Write("i", whole[..length]);
            Sentences.Fails(FailureKind.Data, () => LabelledImages.FromIdx(images, labels), "i cannot be read as IDX");
        }
    }

    [Test]
    public void A_packed_file_cut_off_anywhere_is_an_error_or_has_lost_no_value()
    {
        using var folder = new TemporaryFolder();
        var labels = folder.Write("l", ThreeLabels());
        var whole = Pack(ThreeImages());
        var refused = 0;
        for (var length = 0; length < whole.Length; length++)
        {
            var images = folder.Write("i", whole[..length]);
            try
            {
                var last = LabelledImages.FromIdx(images, labels)[2].Content.Read();
                Assert.That(last[^8..], Is.EqualTo(ThreeImages()[^8..]));
            }
            catch (OnnxTransferException e)
            {
                Assert.That(e.Message, Does.Contain("i cannot be read as IDX"));
                refused++;
            }
        }

        // The checksum and the length, 4 bytes each, end a packed file.
        Assert.That(refused, Is.GreaterThanOrEqualTo(whole.Length - 12));
    }

    [Test]
    public void What_follows_the_last_value_is_an_error([Values] bool packed)
    {
        using var folder = new TemporaryFolder();
        byte[] longer = [.. ThreeImages(), 0];
        var images = folder.Write("i", packed ? Pack(longer) : longer);
        Sentences.Fails(FailureKind.Data, () => LabelledImages.FromIdx(images, folder.Write("l", ThreeLabels())), "cannot be read as IDX");
    }

    [TestCase(new[] { 0x7fffffff, 0x7fffffff, 0x7fffffff })]
    [TestCase(new[] { -1, 1, 1 })]
    [TestCase(new[] { 0, 2, 4 })]
    [TestCase(new[] { 60_000, 1_000, 30 })]
    public void Sizes_that_the_file_cannot_hold_are_refused_before_memory_is_taken(int[] sizes)
    {
        using var folder = new TemporaryFolder();
        var labels = folder.Write("l", ThreeLabels());
        foreach (var bytes in (byte[][])[Idx(new byte[24], sizes), Pack(Idx(new byte[24], sizes))])
        {
            var images = folder.Write("i", bytes);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Sentences.Fails(FailureKind.Data, () => LabelledImages.FromIdx(images, labels), "cannot be read as IDX", "header");
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 21));
        }
    }

    [Test]
    public void A_gzip_bomb_is_not_unpacked_further_than_its_header_says()
    {
        using var folder = new TemporaryFolder();
        var images = folder.Write("i", Pack([.. ThreeImages(), .. new byte[100 << 20]]));
        var labels = folder.Write("l", ThreeLabels());
        var before = GC.GetAllocatedBytesForCurrentThread();
        Sentences.Fails(FailureKind.Data, () => LabelledImages.FromIdx(images, labels), "goes on after the 24 values");
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 21));
    }

    [Test]
    public void Other_types_and_dimensions_are_refused()
    {
        using var folder = new TemporaryFolder();
        var labels = folder.Write("l", ThreeLabels());
        var floats = ThreeImages();
        floats[2] = 13;
        Sentences.Fails(FailureKind.Data, () => LabelledImages.FromIdx(folder.Write("f", floats), labels), "type 13");
        Sentences.Fails(FailureKind.Data, () => LabelledImages.FromIdx(labels, labels), "1 dimensions", "instead of 3");
        Sentences.Fails(FailureKind.Data, () => LabelledImages.FromIdx(folder.Write("t", "hello"u8.ToArray()), labels), "does not begin like");
    }
}
