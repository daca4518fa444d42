using OnnxTransfer.Engine;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.Study.Tests;

public class NearDuplicatesTests
{
    [Test]
    public void Copies_are_found_however_they_were_made()
    {
        var set = MadeUpSet.Of(60, 2);
        RgbImage Half(int i) => Resampling.Resize(set.Images[i].Picture(), 24, 24, ResizeFilter.Bilinear);
        RgbImage Again(RgbImage image, int quality) => ImageDecoders.Default.Decode(JpegFile.Encode(image, quality), "again", new DecodeOptions());
        var changed = set.Repainted(i => i switch
        {
            1 => Again(set.Images[11].Picture(), 40),
            3 => Again(Half(13), 50),
            5 => Again(set.Images[15].Picture().Mirrored(), 60),
            7 => Again(Half(17).Mirrored(), 40),
            _ => null,
        });
        var found = Find(changed with { InTest = [.. Enumerable.Range(0, 60).Select(static i => i is 15)] });
        Assert.That(found.Select(static pair => (pair.Image, pair.Other, pair.Mirrored)), Is.EquivalentTo(new[]
        {
            ("0001", "0011", false), ("0003", "0013", false), ("0015", "0005", true), ("0007", "0017", true),
        }));
        Assert.That((found[0].Image, found[0].AcrossParts), Is.EqualTo(("0015", true)), "across parts comes first, the test image in front");
        Assert.That(found.Skip(1).Select(static pair => pair.AcrossParts), Is.All.False);
        Assert.That(found.Select(static pair => pair.Similarity), Is.All.InRange(0.9, 1));
        Assert.That(found.Select(static pair => pair.SameLabel), Is.All.True);
    }

    [Test]
    public void Pictures_that_all_look_alike_are_no_copies()
    {
        var (random, frame) = (new Random(3), MadeUpSet.Blots(new Random(4)));
        Assert.That(Find(MadeUpSet.Of(60, 2).Repainted(_ => Touched(frame, random))), Is.Empty);
    }

    [Test]
    public void Pictures_of_nothing_and_images_that_cannot_be_read_are_like_no_other()
    {
        var set = MadeUpSet.Of(10, 2).Repainted(static i => i < 4 ? new RgbImage(8, 8, [.. Enumerable.Repeat((byte)(60 * i), 192)]) : null);
        var images = set.Images.ToArray();
        images[7] = MadeUpSet.Image("0007", "a", new RgbImage(1, 1, [1, 2, 3])) with { Content = new OnnxTransfer.Datasets.ImageFile("/nowhere/gone.jpg") };
        Assert.That(Find(new DoctorSet(set.Codes, images, set.InTest)), Is.Empty);
    }

    private static List<NearDuplicate> Find(DoctorSet set) =>
        NearDuplicates.Find(set, SmallPictures.Of(set.Images, new ExtractionOptions(), null, default), default);

    /// <summary>The same picture but for noise in every pixel.</summary>
    private static RgbImage Touched(RgbImage image, Random random) =>
        new(image.Width, image.Height, [.. image.Pixels.Select(value => (byte)Math.Clamp(value + random.Next(-90, 91), 0, 255))]);
}
