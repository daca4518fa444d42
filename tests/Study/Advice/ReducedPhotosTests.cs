using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.Study.Tests;

public class ReducedPhotosTests
{
    private static readonly ExtractionOptions Options = new();

    [TestCase(320, 200, 51, 32)]
    [TestCase(33, 700, 32, 679)]
    [TestCase(64, 64, 32, 32)]
    public void A_large_photo_is_reduced_to_a_short_side_of_32_pixels(int width, int height, int expectedWidth, int expectedHeight)
    {
        var photo = Noise.Of(width, height);
        var found = Pixels(ReducedPhotos.All(Set(photo), Options)[0]);
        Assert.That((found.Width, found.Height), Is.EqualTo((expectedWidth, expectedHeight)));
        Assert.That(found.Pixels, Is.EqualTo(Resampling.Resize(photo.Image, expectedWidth, expectedHeight, ResizeFilter.Bicubic).Pixels));
    }

    [TestCase(32, 400)]
    [TestCase(8, 8)]
    public void A_small_photo_stays_as_it_is(int width, int height)
    {
        var photo = Noise.Of(width, height);
        var found = Pixels(ReducedPhotos.All(Set(photo), Options)[0]);
        Assert.That((found.Width, found.Height), Is.EqualTo((width, height)));
        Assert.That(found.Pixels, Is.EqualTo(photo.Image.Pixels));
    }

    [Test]
    public void A_store_never_takes_a_reduced_photo_for_the_whole_one()
    {
        var photo = Noise.Of(40, 40);
        Assert.That(ReducedPhotos.All(Set(photo), Options)[0].Content.Read(), Is.Not.EqualTo(photo.Read()));
    }

    [Test]
    public void A_sample_is_spread_evenly_over_the_ids_that_are_given()
    {
        var all = Set([.. Enumerable.Range(0, 2000).Select(static _ => Noise.Of(2, 2))]);
        string[] odd = [.. all.Select(static image => image.Id).Where(static (_, i) => i % 2 == 1)];
        var sample = ReducedPhotos.Sample(all, odd, Options);
        Assert.That(sample, Has.Count.EqualTo(600));
        Assert.That(sample.Select(static image => image.Id), Is.SubsetOf(odd));
        Assert.That(sample.Count(image => string.CompareOrdinal(image.Id, odd[500]) < 0), Is.EqualTo(300));
        Assert.That(ReducedPhotos.Sample(all, odd[..5], Options).Select(static image => image.Id), Is.EqualTo(odd[..5]));
    }

    private static LabelledImages Set(params Noise[] photos) => new("set", photos.Select(static (photo, i) => new LabelledImage($"{i:D4}", "a", photo)));

    private static RgbImage Pixels(LabelledImage image) => image.Content.Decode(image.Content.Read(), Options.Decoder, new DecodeOptions());

    private sealed record Noise(RgbImage Image) : IImageContent
    {
        public string Path => "noise";

        public static Noise Of(int width, int height)
        {
            var pixels = new byte[3 * width * height];
            new Random(width).NextBytes(pixels);
            return new Noise(new RgbImage(width, height, pixels));
        }

        public byte[] Read() => Image.Pixels;

        public RgbImage Decode(byte[] content, IImageDecoder decoder, DecodeOptions options) => new(Image.Width, Image.Height, content);
    }
}
