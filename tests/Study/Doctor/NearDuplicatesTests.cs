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
        Assert.That(Find(set with { Images = images }), Is.Empty);
    }

    [Test]
    public void Small_pictures_that_look_alike_are_no_copies_and_their_copies_of_half_the_size_are()
    {
        var (random, frame) = (new Random(3), MadeUpSet.Blots(new Random(4)));
        var set = MadeUpSet.Of(60, 2).Repainted(_ => Resampling.Resize(Shaded(frame, MadeUpSet.Blots(random)), 28, 28, ResizeFilter.Bilinear));
        var planted = set.Repainted(i => i is 5 ? Again(Resampling.Resize(set.Images[50].Picture(), 14, 14, ResizeFilter.Bilinear), 50) : null);
        Assert.That(Find(planted).Select(static pair => (pair.Image, pair.Other)).ToArray(), Is.EqualTo(new[] { ("0005", "0050") }));
    }

    [Test]
    public void Copies_of_a_fine_pattern_that_is_even_when_it_is_small_are_found_by_their_codes()
    {
        var set = MadeUpSet.Of(60, 2).Repainted(static i => i == 3 ? Stripes() : i == 40 ? Again(Stripes(), 40) : null);
        var width = set.Layers[0].Columns;
        Assert.That(Find(set), Is.Empty);
        Assert.That(
            Find(set.Recoded(values => values.AsSpan(3 * width, width).CopyTo(values.AsSpan(40 * width)))).Select(static pair => (pair.Image, pair.Other)).ToArray(),
            Is.EqualTo(new[] { ("0003", "0040") }));
    }

    private static List<NearDuplicate> Find(DoctorSet set) => NearDuplicates.Find(
        set, SmallPictures.Of(set.Images, new ExtractionOptions(), null, default), StandardCodes.Of(set.Layers[^1], default).Nearest, default);

    private static RgbImage Again(RgbImage image, int quality) => ImageDecoders.Default.Decode(JpegFile.Encode(image, quality), "again", new DecodeOptions());

    /// <summary>The same picture with a faint other one over it.</summary>
    private static RgbImage Shaded(RgbImage image, RgbImage other) =>
        new(image.Width, image.Height, [.. image.Pixels.Zip(other.Pixels, static (a, b) => (byte)(((3 * a) + b) / 4))]);

    /// <summary>Upright stripes of three pixels that move aside from band to band: at a sixth of the size they are one grey.</summary>
    private static RgbImage Stripes()
    {
        const int Side = 96;
        var pixels = new byte[3 * Side * Side];
        for (var p = 0; p < pixels.Length / 3; p++)
        {
            var (x, band) = (p % Side, p / Side / 12);
            pixels.AsSpan(3 * p, 3).Fill((byte)((x + (band * band)) % 6 < 3 ? 117 : 133));
        }

        return new RgbImage(Side, Side, pixels);
    }

    /// <summary>The same picture but for noise in every pixel.</summary>
    private static RgbImage Touched(RgbImage image, Random random) =>
        new(image.Width, image.Height, [.. image.Pixels.Select(value => (byte)Math.Clamp(value + random.Next(-90, 91), 0, 255))]);
}
