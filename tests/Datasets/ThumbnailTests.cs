using OnnxTransfer.Imaging;

namespace OnnxTransfer.Datasets.Tests;

public class ThumbnailTests
{
    [Test]
    public void A_large_image_keeps_its_shape_and_a_small_one_its_pixels()
    {
        using var folder = new TemporaryFolder();
        var large = Saved(folder.Path, "large.jpg", 300, 90);
        var small = Saved(folder.Path, "small.jpg", 20, 31);
        var (reduced, same) = (Small(large), Small(small));
        Assert.That((reduced.Width, reduced.Height), Is.EqualTo((60, 18)));
        Assert.That((same.Width, same.Height), Is.EqualTo((20, 31)));
        Assert.That(Small(Saved(folder.Path, "line.jpg", 300, 1)).Height, Is.EqualTo(1));
    }

    [Test]
    public void A_jpeg_file_has_the_colours_of_its_pixels()
    {
        var image = new RgbImage(16, 8, [.. Enumerable.Repeat(new byte[] { 200, 30, 90 }, 128).SelectMany(static rgb => rgb)]);
        var back = ImageDecoders.Default.Decode(JpegFile.Encode(image, 95), "back", new DecodeOptions());
        Assert.That((back.Width, back.Height), Is.EqualTo((16, 8)));
        for (var i = 0; i < back.Pixels.Length; i++)
        {
            Assert.That(back.Pixels[i], Is.EqualTo(image.Pixels[i]).Within(4));
        }
    }

    private static RgbImage Small(string path) =>
        Thumbnail.Of(new LabelledImage("x", null, new ImageFile(path)), 60, ImageDecoders.Default, new DecodeOptions());

    private static string Saved(string folder, string name, int width, int height)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllBytes(path, JpegFile.Encode(new RgbImage(width, height, new byte[3 * width * height])));
        return path;
    }
}
