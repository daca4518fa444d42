namespace OnnxTransfer.Imaging.Tests;

public sealed class AlphaTests
{
    [Test]
    public void Dropping_alpha_keeps_the_colours_at_every_width()
    {
        for (var width = 1; width <= 70; width++)
        {
            var rgba = new byte[4 * width];
            new Random(width).NextBytes(rgba);
            var rgb = new byte[3 * width];
            Alpha.Drop(rgba, rgb);
            Assert.That(rgb, Is.EqualTo(rgba.Where((_, i) => i % 4 != 3)), $"width {width}");
        }
    }

    [Test]
    public void Over_white_is_the_blend_rounded_to_nearest_for_every_colour_and_alpha()
    {
        var (rgba, rgb) = (new byte[4], new byte[3]);
        for (var alpha = 0; alpha < 256; alpha++)
        {
            for (var colour = 0; colour < 256; colour++)
            {
                (rgba[0], rgba[1], rgba[2], rgba[3]) = ((byte)colour, 0, 255, (byte)alpha);
                Alpha.OverWhite(rgba, rgb);
                var share = alpha / 255.0;
                Assert.That(rgb[0], Is.EqualTo(Math.Round((share * colour) + ((1 - share) * 255))));
                Assert.That((rgb[1], rgb[2]), Is.EqualTo(((byte)(255 - alpha), (byte)255)));
            }
        }
    }
}
