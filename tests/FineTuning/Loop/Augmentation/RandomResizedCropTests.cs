using OnnxTransfer.Imaging;

namespace OnnxTransfer.FineTuning.Tests;

public sealed class RandomResizedCropTests
{
    private const int Draws = 20_000;

    [Test]
    public void Windows_have_torchvisions_means_and_deviations()
    {
        foreach (var golden in Goldens.Cases("crops"))
        {
            var (width, height) = (golden.GetProperty("image")[0].GetInt32(), golden.GetProperty("image")[1].GetInt32());
            var theirs = golden.GetProperty("draws").GetInt32();
            var windows = Enumerable.Range(0, Draws).Select(place => Window(width, height, place)).ToArray();
            void Check(string name, Func<(int Left, int Top, int Width, int Height), double> of)
            {
                var (mean, deviation) = (golden.GetProperty(name)[0].GetDouble(), golden.GetProperty(name)[1].GetDouble());
                var found = windows.Average(of);
                var tolerance = (5 * deviation * Math.Sqrt((1.0 / Draws) + (1.0 / theirs))) + 1e-9;
                Assert.That(found, Is.EqualTo(mean).Within(tolerance), $"mean {name} of {width} x {height}");
                Assert.That(
                    Math.Sqrt(windows.Average(window => (of(window) - found) * (of(window) - found))),
                    Is.EqualTo(deviation).Within((0.1 * deviation) + 1e-9),
                    $"deviation of {name} of {width} x {height}");
            }

            Check("left", static window => window.Left);
            Check("top", static window => window.Top);
            Check("width", static window => window.Width);
            Check("height", static window => window.Height);
            Check("share", window => (double)window.Width * window.Height / (width * height));
        }
    }

    [TestCase(1, 1)]
    [TestCase(1, 300)]
    [TestCase(300, 1)]
    [TestCase(2, 3)]
    public void Windows_lie_in_the_image_whatever_its_shape(int width, int height)
    {
        foreach (var place in Enumerable.Range(0, 500))
        {
            var window = Window(width, height, place);
            Assert.That(window.Left >= 0 && window.Top >= 0 && window.Width >= 1 && window.Height >= 1);
            Assert.That(window.Left + window.Width <= width && window.Top + window.Height <= height);
        }
    }

    [Test]
    public void The_window_is_cut_before_it_is_resized()
    {
        var image = Goldens.Noise(50, 40, 1);
        var (left, top, width, height) = Window(50, 40, 3);
        var pixels = Enumerable.Range(top, height).SelectMany(y => image.Pixels.AsSpan(3 * ((y * 50) + left), 3 * width).ToArray()).ToArray();
        var expected = Resampling.Resize(new RgbImage(width, height, pixels), 24, 24, ResizeFilter.Bicubic);
        Assert.That(RandomResizedCrop.Apply(image, 24, ResizeFilter.Bicubic, 0.35, Keyed(3)).Pixels, Is.EqualTo(expected.Pixels));
    }

    private static (int Left, int Top, int Width, int Height) Window(int width, int height, int place) =>
        RandomResizedCrop.Window(width, height, 0.35, Keyed(place));

    private static RandomDraws Keyed(int place) => new(3, 0, place, RandomPurpose.Crop);
}
